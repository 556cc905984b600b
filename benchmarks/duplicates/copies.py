#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes altered copies of real clips and scores `reelmill duplicates` on them.

    benchmarks/duplicates/copies.py --reelmill build/dev/bin/reelmill --clips FOLDER --work DIR --part scoring

Every clip of FOLDER that is long enough gives one or two sources; each source gives one copy of each kind
below. Clips are dealt to `tuning` and `scoring` by a seeded shuffle of their names: thresholds are set on
one part, figures are those of the other. Sources that show nothing (black, one colour) are left out and named:
nobody could tell their copies from those of others. A pair of a source and its copy that is not listed is a miss; a
listed pair of two different sources, or of their copies, is false. So clips that are copies of each other already must
be left out: what GROUND_TRUTH.json of FOLDER lists is, further ones are named with --skip.
"""

import argparse
import concurrent.futures
import fnmatch
import hashlib
import itertools
import json
import pathlib
import random
import statistics
import subprocess

SOURCE_S = 16      # seconds of a source
SHORTEST_S = 4     # of a clip
CUT_S = 10
BLANK = 3          # levels of 255: the standard deviation of what a source that shows nothing stays below

# The pictures of each kind of copy as an ffmpeg filter; %s are what a seeded source of chance says.
KINDS = {
    "reencoded": "null",
    "scaled": "scale=iw*{scale}:ih*{scale}",
    "cropped": "crop=iw*0.95:ih*0.95",
    "logo": "drawbox=x={x}:y={y}:w=iw*0.16:h=ih*0.12:color={color}:t=fill,"
            "drawbox=x={x}+iw*0.03:y={y}+ih*0.03:w=iw*0.1:h=ih*0.06:color=black:t=3",
    "cut": "null",
    "slower": "setpts=PTS/0.96",
    "faster": "setpts=PTS/1.04",
    "letterboxed": "scale=iw:ih,pad=iw:trunc(iw*{shape}/2)*2:0:(oh-ih)/2",
    "pillarboxed": "pad=trunc(ih*{wide}/2)*2:ih:(ow-iw)/2:0",
}
EVEN = ",scale=trunc(iw/2)*2:trunc(ih/2)*2,setsar=1"
ENCODERS = [("mp4", ["-c:v", "libx264", "-preset", "veryfast", "-crf", "33"]),
            ("mkv", ["-c:v", "libx264", "-preset", "veryfast", "-crf", "26"]),
            ("avi", ["-c:v", "mpeg4", "-q:v", "12"])]


def distinct(folder, skipped):
    """The clips of a folder, one of each group that is known to be the same."""
    clips = sorted(path for path in folder.rglob("*") if path.is_file())
    truth = folder / "GROUND_TRUTH.json"
    groups = json.loads(truth.read_text())["near_duplicate_groups"] if truth.exists() else []
    copies = {name for group in groups for name in group[1:]}
    seen, kept = set(), []
    for clip in clips:
        name, digest = str(clip.relative_to(folder)), hashlib.sha256(clip.read_bytes()).digest()
        if name not in copies and digest not in seen and not any(fnmatch.fnmatch(name, pattern) for pattern in skipped):
            kept.append(clip)
        seen.add(digest)
    return kept


def ffmpeg(*arguments):
    return subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", "-threads", "1", *arguments],
                          capture_output=True, text=True)


def seconds_of(clip):
    """Decoded length of the video stream: headers lie."""
    done = subprocess.run(["ffmpeg", "-nostdin", "-v", "quiet", "-stats", "-threads", "1", "-t", "60", "-i", str(clip), "-map", "0:v:0",
                           "-c", "copy", "-f", "null", "-"], capture_output=True, text=True)
    times = [part.split()[0] for part in done.stderr.split("time=")[1:]]
    if done.returncode or not times or times[-1].startswith(("N/A", "-")):
        return 0
    hours, minutes, seconds = times[-1].split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def make_source(clip, start, folder):
    file = folder / f"{clip.stem}@{start}.mp4"
    if not file.exists():
        made = ffmpeg("-ss", str(start), "-t", str(SOURCE_S), "-i", str(clip), "-map", "0:v:0", "-vf",
                      "scale='min(480,iw)':-2,setsar=1,format=yuv420p", "-r", "25", "-c:v", "libx264", "-preset", "veryfast",
                      "-crf", "18", str(file))
        if made.returncode:
            file.unlink(missing_ok=True)
            return None
    if seconds_of(file) < SHORTEST_S - 0.5:  # the clip's own headers promised more
        file.unlink()
        return None
    return file


def is_blank(source):
    """Whether no frame of a source, shrunk to 32 x 18, has light and shade."""
    pixels = subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-threads", "1", "-i", str(source), "-vf",
                             "fps=2,scale=32:18:flags=area,format=gray", "-f", "rawvideo", "-"], check=True, capture_output=True).stdout
    frames = [pixels[at:at + 576] for at in range(0, len(pixels), 576)]
    return max(map(statistics.pstdev, frames), default=0) < BLANK


def make_copy(source, kind, folder, seed):
    chance = random.Random(f"{seed} {source.name} {kind}")
    left, top = chance.choice([True, False]), chance.choice([True, False])
    values = {"scale": chance.choice([0.4, 0.6, 1.5]), "x": "iw*0.03" if left else "iw*0.81",
              "y": "ih*0.03" if top else "ih*0.85", "color": chance.choice(["white", "red", "yellow"]),
              "shape": chance.choice([0.75, 0.9]), "wide": chance.choice([2.0, 2.35])}
    suffix, encoder = chance.choice(ENCODERS)
    file = folder / f"{source.stem}.{kind}.{suffix}"
    if file.exists():
        return file
    seek = []
    if kind == "cut":
        length = seconds_of(source)
        seek = ["-ss", f"{chance.uniform(0.2, 0.8) * max(0, length - CUT_S):.3f}", "-t", str(CUT_S)]
    picture = KINDS[kind].format(**values)
    if kind in ("letterboxed", "pillarboxed"):  # bars only where the shape leaves room for them
        picture = picture.replace("pad=iw:", "pad=iw:max(ih\\,").replace(":0:(oh-ih)/2", "):0:(oh-ih)/2") if kind == "letterboxed" else \
            picture.replace("pad=", "pad=max(iw*1.2\\,").replace(":ih:(ow", "):ih:(ow")
    made = ffmpeg(*seek, "-i", str(source), "-vf", picture + EVEN, "-r", chance.choice(["25", "30"]), *encoder, str(file))
    if made.returncode:
        raise SystemExit(f"{file}: {made.stderr}")
    return file


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reelmill", type=pathlib.Path, required=True)
    parser.add_argument("--clips", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--part", choices=["tuning", "scoring"], default="scoring")
    parser.add_argument("--skip", action="append", default=[], help="a pattern of names below FOLDER")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()

    clips = distinct(arguments.clips, arguments.skip)
    random.Random(arguments.seed).shuffle(clips)
    clips = clips[0 if arguments.part == "tuning" else 1::2]
    videos, config, out = (arguments.work / arguments.part / name for name in ("videos", "config.yaml", "out"))
    videos.mkdir(parents=True, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        lengths = dict(zip(clips, pool.map(seconds_of, clips)))
        wanted = [(clip, start) for clip in clips if lengths[clip] >= SHORTEST_S
                  for start in ([0, 30] if lengths[clip] >= 30 + SOURCE_S else [0])]
        sources = [source for source in pool.map(lambda one: make_source(*one, videos), wanted) if source]
        blank = [source for source, shows_nothing in zip(sources, pool.map(is_blank, sources)) if shows_nothing]
        sources = [source for source in sources if source not in blank]
        if not sources:
            raise SystemExit(f"{arguments.clips}: no clips of {SHORTEST_S} s or more that show something")
        list(pool.map(lambda one: make_copy(one[0], one[1], videos, arguments.seed), itertools.product(sources, KINDS)))
    config.write_text("version: 1\nname: copies\nstages:\n  - { id: frames, use: decode }\n"
                      "  - { id: fingerprint, use: fingerprint, from: frames }\n")
    run = subprocess.run([arguments.reelmill, "run", videos, "-c", config, "-o", out, "--progress", "none"],
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if run.returncode:
        raise SystemExit(f"reelmill run: exit code {run.returncode}\n{run.stderr}")
    listed = subprocess.run([arguments.reelmill, "duplicates", out, "--format", "json"], check=True, capture_output=True, text=True)
    report = json.loads(listed.stdout)
    pairs = {frozenset((pathlib.Path(o["a"]["path"]).name, pathlib.Path(o["b"]["path"]).name)) for o in report["overlaps"]}

    stems = {source.stem for source in sources}
    family = {}
    for file in videos.iterdir():
        owner = next((stem for stem in stems if file.name.startswith(stem + ".")), None)
        if owner:
            family[file.name] = owner
    false = [sorted(pair) for pair in pairs if len({family.get(name, name) for name in pair}) > 1]
    true = len(pairs) - len(false)
    hits, total = 0, 0
    for kind in KINDS:
        found = missed = 0
        lost = []
        for name in family:
            if f".{kind}." in name:
                if frozenset((name, family[name] + ".mp4")) in pairs:
                    found += 1
                else:
                    missed += 1
                    lost.append(name)
        hits, total = hits + found, total + found + missed
        print(f"{kind:12} {found:3} of {found + missed:3}  {' '.join(lost)}")
    print("left out, as they show nothing:", " ".join(source.name for source in blank) or "none")
    print(f"{arguments.part}, seed {arguments.seed}: {len(sources)} sources, {len(family)} videos")
    print(f"recall    {hits}/{total} = {hits / max(1, total):.4f}")
    print(f"precision {true}/{len(pairs)} = {true / max(1, len(pairs)):.4f}")
    for pair in sorted(false):
        print("false:", " + ".join(pair))


if __name__ == "__main__":
    main()

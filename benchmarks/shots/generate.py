#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Joins pieces of real clips into films with known transitions, the same for the same seed.

Each film is a row of shots. Between two of them stands a cut, a dissolve, a fade through black or
white, or a wipe; within them stands what is no transition: flashes, pans, shakes, bars that come
and go, captions, and stills with lines that appear, as slides have them. Films differ in codec,
frame rate and in whether their frames are evenly spaced.

A piece (pieces.csv) is a stretch of one clip without a cut of its own. Pieces of the set `tune`
are for choosing constants, those of the set `score` for measuring; no clip is in both.

Writes FILM.mkv and FILM.json: {"frames": n, "fps": f, "style": s, "transitions": [{"kind", "begin",
"end"}], "distractors": [{"kind", "begin", "end"}]}. Frames [begin, end) show something of both
shots; for a cut begin = end = the first frame of the new shot.
"""
import argparse
import csv
import json
import os
import pathlib
import random
import subprocess

import numpy

WIDTH, HEIGHT = 320, 180
STILL = (640, 360)  # pans move over a picture of this size
HERE = pathlib.Path(__file__).parent
LUMA = WIDTH * HEIGHT
FRAME = LUMA * 3 // 2

# How many of each kind stand in ten boundaries, on average.
TRANSITIONS = [("cut", 46), ("dissolve", 24), ("fade", 20), ("wipe", 10)]
DISTRACTORS = ["none", "none", "none", "flash", "pan", "shake", "bars", "caption", "slide"]
STYLES = [
    # name, frames a second, timestamps (N is the frame), encoder
    ("x264-25", 25, None, ["libx264", "-preset", "veryfast", "-crf", "26"]),
    ("x264-30-coarse", 30, None, ["libx264", "-preset", "ultrafast", "-crf", "32"]),
    ("mpeg4-24", 24, None, ["mpeg4", "-q:v", "5"]),
    ("x264-jitter", 25, "(N+0.4*sin(1.7*N))/25/TB",
     ["libx264", "-preset", "ultrafast", "-crf", "26"]),
    ("x264-two-rates", 25, "if(lt(N,300),N/30,10+(N-300)/15)/TB",
     ["libx264", "-preset", "veryfast", "-crf", "28"]),
]

# Other encoders, on request: with frames that are never shown and without, fast and careful ones.
OTHER_STYLES = [
    ("vp8-25", 25, None, ["libvpx", "-deadline", "good", "-cpu-used", "4", "-auto-alt-ref", "1",
                          "-lag-in-frames", "16", "-crf", "20", "-b:v", "500k"]),
    ("vp8-30-realtime", 30, None, ["libvpx", "-deadline", "realtime", "-cpu-used", "8",
                                   "-b:v", "300k"]),
    ("vp9-25", 25, None, ["libvpx-vp9", "-deadline", "good", "-cpu-used", "5", "-crf", "36",
                          "-b:v", "0"]),
    ("vp9-30-realtime", 30, None, ["libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8",
                                   "-b:v", "300k"]),
    ("hevc-25", 25, None, ["libx265", "-preset", "ultrafast", "-crf", "28",
                           "-x265-params", "log-level=none:pools=none"]),
    ("mpeg2-25", 25, None, ["mpeg2video", "-q:v", "5", "-bf", "2"]),
    ("x264-fixed-25", 25, None, ["libx264", "-preset", "medium", "-crf", "24",
                                 "-sc_threshold", "0"]),
]


def read_pieces(which):
    with open(HERE / "pieces.csv", newline="") as file:
        return [row for row in csv.DictReader(file) if row["set"] == which]


def decode(path, start, length, size, frames=None):
    filters = (f"scale={size[0]}:{size[1]}:force_original_aspect_ratio=increase:flags=area,"
               f"crop={size[0]}:{size[1]},fps=25,format=yuv420p")
    # Decoded from the beginning: seeking in a transport stream may miss by more than a second.
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", path,
               "-ss", str(start), "-t", str(length),
               "-map", "0:v:0", "-vf", filters]
    if frames:
        command += ["-frames:v", str(frames)]
    command += ["-f", "rawvideo", "-"]
    raw = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    return numpy.frombuffer(raw, numpy.uint8).reshape(-1, size[0] * size[1] * 3 // 2)


def has_jump(frames):
    """Whether one change between frames stands far out of all others: a cut."""
    luma = frames[:, :LUMA].reshape(-1, 18, HEIGHT // 18, 32, WIDTH // 32).mean(axis=(2, 4))
    changes = numpy.sort(numpy.abs(numpy.diff(luma, axis=0)).mean(axis=(1, 2)))
    return changes[-1] > 15 and changes[-1] > 3 * changes[-2]


class Piece:
    """Frames of one piece at 25 a second, kept in `cache`; its first one also as a large still."""

    def __init__(self, row, corpus, cache):
        name = row["name"]
        self.clip = row["clip"]
        place = f"{name}-{row['start_s']}-{row['length_s']}"
        film, still = cache / f"{place}.npy", cache / f"{place}.still.npy"
        if not still.exists():
            path = str(corpus / row["clip"])
            frames = decode(path, row["start_s"], row["length_s"], (WIDTH, HEIGHT))
            if has_jump(frames):
                raise SystemExit(f"{name}: the piece has a cut of its own")
            numpy.save(film, frames)
            numpy.save(still, decode(path, row["start_s"], row["length_s"], STILL, 1))
        self.frames = numpy.load(film, mmap_mode="r")
        self.still = numpy.load(still)[0]


def planes(frame, width=WIDTH, height=HEIGHT):
    luma = width * height
    return (frame[:luma].reshape(height, width),
            frame[luma:luma * 5 // 4].reshape(height // 2, width // 2),
            frame[luma * 5 // 4:].reshape(height // 2, width // 2))


def joined(luma, blue, red):
    return numpy.concatenate([luma.reshape(-1), blue.reshape(-1), red.reshape(-1)])


def shifted(frame, x, y):
    """Moved by even numbers of pixels; the edge is repeated."""
    moved = []
    for index, plane in enumerate(planes(frame)):
        part = 1 if index == 0 else 2
        rows = numpy.clip(numpy.arange(plane.shape[0]) + y // part, 0, plane.shape[0] - 1)
        columns = numpy.clip(numpy.arange(plane.shape[1]) + x // part, 0, plane.shape[1] - 1)
        moved.append(plane[rows][:, columns])
    return joined(*moved)


def window(still, x, y):
    """A part of the large picture, from even coordinates on."""
    cut = []
    for index, plane in enumerate(planes(still, *STILL)):
        part = 1 if index == 0 else 2
        cut.append(plane[y // part:(y + HEIGHT) // part, x // part:(x + WIDTH) // part])
    return joined(*cut)


def flat(level):
    frame = numpy.full(FRAME, 128, numpy.uint8)
    frame[:LUMA] = level
    return frame


def mix(a, b, share):
    return (a * (1 - share) + b * share + 0.5).astype(numpy.uint8)


def with_bars(frame, rows):
    luma, blue, red = (plane.copy() for plane in planes(frame))
    luma[:rows] = luma[HEIGHT - rows:] = 16
    for plane in (blue, red):
        plane[:rows // 2] = plane[(HEIGHT - rows) // 2:] = 128
    return joined(luma, blue, red)


def with_caption(frame, pattern):
    luma, blue, red = (plane.copy() for plane in planes(frame))
    luma[140:164, 24:296] = numpy.where(pattern, 225, luma[140:164, 24:296] // 2)
    return joined(luma, blue, red)


def with_lines(frame, count, pattern):
    """A slide: light, with so many lines of writing beside a picture."""
    luma, blue, red = (plane.copy() for plane in planes(frame))
    luma[:, :150] = 215
    for plane in (blue, red):
        plane[:, :75] = 128
    for line in range(count):
        at = 24 + 26 * line
        luma[at:at + 10, 14:14 + 120] = numpy.where(pattern[:10, :120], 40, 215)
    return joined(luma, blue, red)


class Shot:
    """Endless frames of one piece, with at most one thing in it that is no transition."""

    def __init__(self, piece, length, rng):
        self.piece, self.length, self.rng = piece, length, rng
        spare = len(piece.frames) - length
        self.offset = rng.randrange(spare) if spare > 0 else 0
        self.kind = rng.choice(DISTRACTORS)
        self.at = rng.randrange(12, max(13, length - 12))
        seed = rng.randrange(1 << 30)
        self.pattern = numpy.random.default_rng(seed).random((24, 272)) < 0.35
        self.moves = numpy.random.default_rng(seed).integers(-3, 4, (4096, 2)) * 2
        self.strength = rng.choice([50, 90, 140, 255])
        self.flash = rng.choice([1, 1, 2, 3])
        self.rows = rng.choice([14, 22, 30])
        self.is_boxed = rng.random() < 0.12
        self.pan = rng.choice([(2, 0), (4, 0), (8, 0), (0, 2), (0, 4), (4, 2), (14, 0)])

    def real_frame(self, index):
        # Forth and back, where the piece is shorter than the shot.
        last = len(self.piece.frames) - 1
        place = (self.offset + index) % max(1, 2 * last)
        return self.piece.frames[place if place <= last else 2 * last - place]

    def frame(self, index):
        if self.kind == "pan":
            limits = STILL[0] - WIDTH, STILL[1] - HEIGHT
            places = []
            for step, limit in zip(self.pan, limits):
                there = step * (index + 100) % (2 * limit)
                places.append((there if there <= limit else 2 * limit - there) // 2 * 2)
            frame = window(self.piece.still, *places)
        elif self.kind == "slide":
            lines = 2 + sum(index >= self.at + 15 * line for line in range(3))
            frame = with_lines(self.piece.frames[self.offset], lines, self.pattern)
        else:
            frame = self.real_frame(index)
        if self.kind == "shake" and self.at <= index < self.at + 20:
            frame = shifted(frame, *self.moves[index % 4096])
        if self.kind == "flash" and self.at <= index < self.at + self.flash:
            frame = frame.copy()
            frame[:LUMA] = numpy.minimum(frame[:LUMA].astype(int) + self.strength, 235)
        if self.kind == "caption" and self.at <= index < self.at + 40:
            frame = with_caption(frame, self.pattern)
        if self.is_boxed:
            frame = with_bars(frame, 22)
        elif self.kind == "bars" and index >= self.at:
            frame = with_bars(frame, self.rows)
        return frame

    def distractor(self):
        spans = {"flash": self.flash, "shake": 20, "caption": 40, "bars": 1, "slide": 31}
        if self.kind == "pan":
            return {"kind": "pan", "begin": 0, "end": self.length}
        if self.kind not in spans:
            return None
        return {"kind": self.kind, "begin": self.at, "end": self.at + spans[self.kind]}


def wiped(a, b, share, way):
    """`way`: 0 from the left, 1 from the top, 2 from the right, 3 as a box from the middle."""
    mask = numpy.zeros((HEIGHT, WIDTH), bool)
    if way == 0:
        mask[:, :round(WIDTH * share)] = True
    elif way == 1:
        mask[:round(HEIGHT * share)] = True
    elif way == 2:
        mask[:, WIDTH - round(WIDTH * share):] = True
    else:
        x, y = round(WIDTH * share / 2), round(HEIGHT * share / 2)
        mask[HEIGHT // 2 - y:HEIGHT // 2 + y, WIDTH // 2 - x:WIDTH // 2 + x] = True
    masks = mask, mask[::2, ::2], mask[::2, ::2]
    return joined(*(numpy.where(m, q, p) for m, p, q in zip(masks, planes(a), planes(b))))


def between(kind, old, new, length, rng):
    """Frames of a transition; both shots go on moving in it."""

    def before(i):
        return old.frame(old.length + i)

    def after(i):
        return new.frame(i - length)

    if kind == "fade":
        held = min(rng.choice([1, 1, 3, 8]), length - 4)
        out = (length - held) // 2
        colour = flat(rng.choice([16, 16, 16, 16, 235]))
        for i in range(length):
            if i < out:
                yield mix(before(i), colour, (i + 1) / (out + 1))
            elif i < out + held:
                yield colour
            else:
                yield mix(colour, after(i), (i - out - held + 1) / (length - out - held + 1))
        return
    way = rng.randrange(4)
    for i in range(length):
        share = (i + 1) / (length + 1)
        if kind == "wipe":
            yield wiped(before(i), after(i), share, way)
        else:
            yield mix(before(i), after(i), share)


def film(pieces, rng, options, fps, write):
    """Writes the frames; returns truth."""
    kinds = [kind for kind, weight in TRANSITIONS for _ in range(weight)]
    transitions, distractors = [], []
    at = 0
    last_clip = None

    def next_shot():
        nonlocal last_clip
        piece = rng.choice([p for p in pieces if p.clip != last_clip])
        last_clip = piece.clip
        return Shot(piece, rng.randrange(*options.shots), rng)

    shot, begun = next_shot(), 0
    for boundary in range(options.boundaries + 1):
        note = shot.distractor()
        if note and note["kind"] != "pan":
            # What the shot's transitions would hide is left out.
            if begun <= note["begin"] and note["end"] < shot.length:
                distractors.append({**note, "begin": at + note["begin"] - begun,
                                    "end": at + note["end"] - begun})
        elif note:
            distractors.append({**note, "begin": at, "end": at + shot.length - begun})
        for index in range(begun, shot.length):
            write(shot.frame(index))
        at += shot.length - begun
        if boundary == options.boundaries:
            break
        kind = rng.choice(kinds)
        new = next_shot()
        if kind == "cut":
            transitions.append({"kind": kind, "begin": at, "end": at})
            shot, begun = new, 0
            continue
        length = max(5, round(rng.uniform(0.2, 2) * fps))
        for frame in between(kind, shot, new, length, rng):
            write(frame)
        transitions.append({"kind": kind, "begin": at, "end": at + length})
        at += length
        shot, begun = new, 0
    return {"frames": at, "fps": fps, "transitions": transitions, "distractors": distractors}


def encoder(path, fps, timestamps, arguments):
    command = ["ffmpeg", "-nostdin", "-y", "-v", "error", "-f", "rawvideo", "-pix_fmt", "yuv420p",
               "-video_size", f"{WIDTH}x{HEIGHT}", "-framerate", str(fps), "-i", "-"]
    if timestamps:
        command += ["-vf", f"settb=1/1000,setpts='{timestamps}'", "-vsync", "passthrough",
                    "-enc_time_base", "1/1000"]
    command += ["-threads", "1", "-c:v", *arguments, "-g", "250", "-fflags", "+bitexact",
                str(path)]
    return subprocess.Popen(command, stdin=subprocess.PIPE)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--set", choices=["tune", "score"], required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--films", type=int, default=50)
    parser.add_argument("--styles", nargs="+", metavar="NAME",
                        choices=[style[0] for style in STYLES + OTHER_STYLES],
                        help="how films are coded, in turn: " +
                        ", ".join(style[0] for style in STYLES + OTHER_STYLES) +
                        " (the first five)")
    parser.add_argument("--boundaries", type=int, default=13, help="of each film")
    parser.add_argument("--shots", type=int, nargs=2, default=[36, 100], metavar=("LEAST", "MOST"),
                        help="frames a shot lasts, the latter not included")
    parser.add_argument("--corpus", type=pathlib.Path, default=os.environ.get("REELMILL_CORPUS"))
    parser.add_argument("--cache", type=pathlib.Path, required=True,
                        help="decoded pieces are kept here")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    options = parser.parse_args()
    if options.corpus is None:
        parser.error("needs --corpus or REELMILL_CORPUS")
    options.cache.mkdir(parents=True, exist_ok=True)
    options.out.mkdir(parents=True, exist_ok=True)
    styles = [style for style in STYLES + OTHER_STYLES
              if style[0] in (options.styles or [known[0] for known in STYLES])]
    pieces = [Piece(row, pathlib.Path(options.corpus), options.cache)
              for row in read_pieces(options.set)]
    for number in range(options.films):
        rng = random.Random(f"{options.set}-{options.seed}-{number}")
        style, fps, timestamps, arguments = styles[number % len(styles)]
        path = options.out / f"{number:03d}-{style}.mkv"
        sink = encoder(path, fps, timestamps, arguments)
        truth = film(pieces, rng, options, fps,
                     lambda frame: sink.stdin.write(frame.tobytes()))
        sink.stdin.close()
        if sink.wait() != 0:
            raise SystemExit(f"{path}: the encoder failed")
        path.with_suffix(".json").write_text(json.dumps({**truth, "style": style}, indent=1) + "\n")


if __name__ == "__main__":
    main()

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the shots that reelmill found against the truth that generate.py wrote.

A cut counts when a cut of the truth is at most one frame away; each may be hit once. A dissolve,
fade or wipe counts when it overlaps one of the same kind by at least a frame, as TRECVID's shot
boundary task had it (Smeaton, Over, Doherty, Video shot boundary detection: seven years of TRECVid
activity, 2010). Whatever else is found is a false alarm of its kind; a false cut, wherever it is.
Intervals: 95 %, by drawing the films again with replacement (percentile bootstrap).
"""
import argparse
import json
import pathlib
import random

KINDS = ["cut", "dissolve", "fade", "wipe"]
RESAMPLES = 2000


def found_in(results):
    for shot in results["shots"]:
        kind = shot["transition_in"]
        if kind == "start":
            continue
        at = shot["start_frame"]
        yield kind, shot.get("transition_start_frame", at), shot.get("transition_end_frame", at)


def overlap(a, b):
    return min(a[1], b[1]) - max(a[0], b[0])


def is_same_cut(a, b):
    return abs(a[0] - b[0]) <= 1


def do_overlap(a, b):
    return overlap(a, b) >= 1


def match(truth, found, is_hit):
    """One to one, the best first; returns pairs."""
    pairs = sorted(((-overlap(t, f), abs(t[0] - f[0]), i, k) for i, t in enumerate(truth)
                    for k, f in enumerate(found) if is_hit(t, f)))
    used_truth, used_found, matched = set(), set(), []
    for _, _, i, k in pairs:
        if i not in used_truth and k not in used_found:
            used_truth.add(i)
            used_found.add(k)
            matched.append((truth[i], found[k]))
    return matched


def judge(truth, results):
    """Counts of one film: {kind: [hits, found, true]}, and what went wrong, in words."""
    counts, wrong, shares = {}, [], []
    for kind in KINDS + ["gradual"]:
        is_kind = (lambda k: k != "cut") if kind == "gradual" else (lambda k, kind=kind: k == kind)
        wanted = [(t["begin"], t["end"]) for t in truth["transitions"] if is_kind(t["kind"])]
        got = [(b, e) for k, b, e in found_in(results) if is_kind(k)]
        is_hit = is_same_cut if kind == "cut" else do_overlap
        matched = match(wanted, got, is_hit)
        counts[kind] = [len(matched), len(got), len(wanted)]
        if kind == "gradual":
            shares += [overlap(t, f) / (max(t[1], f[1]) - min(t[0], f[0])) for t, f in matched]
        else:
            wrong += [(f"missed {kind}", t) for t in wanted if t not in [m[0] for m in matched]]
            wrong += [(f"false {kind}", f) for f in got if f not in [m[1] for m in matched]]
    return counts, wrong, shares


def f1(hits, found, true):
    return 2 * hits / (found + true) if found + true else 1.0


def add_up(films, kind):
    return [sum(film[kind][i] for film in films) for i in range(3)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("films", type=pathlib.Path, help="what generate.py wrote")
    parser.add_argument("results", type=pathlib.Path, help="OUT/results of a run over them")
    parser.add_argument("--list", action="store_true", help="say what went wrong")
    parser.add_argument("--require", action="store_true",
                        help="fail below what docs/shots.md promises")
    options = parser.parse_args()
    films, minutes, shares = [], 0.0, []
    for path in sorted(options.films.glob("*.json")):
        truth = json.loads(path.read_text())
        found = list(options.results.rglob(path.stem + ".*json"))
        if len(found) != 1:
            raise SystemExit(f"{path.stem}: {len(found)} results")
        results = json.loads(found[0].read_text())
        seen = results["frames"]["decoded"] + results["frames"].get("held", 0)
        if seen != truth["frames"]:
            raise SystemExit(f"{path.stem}: {seen} frames, not {truth['frames']}")
        counts, wrong, iou = judge(truth, results)
        films.append(counts)
        shares += iou
        minutes += results["video"]["duration_s"] / 60
        if options.list:
            for what, place in wrong:
                beside = [(d["kind"], d["begin"], d["end"])
                          for d in truth["distractors"] + truth["transitions"]
                          if overlap((d["begin"] - 8, d["end"] + 8), place) >= 0]
                print(f"{path.stem}: {what} {place}; there: {beside}")
    if not films:
        raise SystemExit(f"{options.films}: no films to score (FILM.json of generate.py)")
    total = sum(add_up(films, kind)[2] for kind in KINDS)
    print(f"{len(films)} films, {minutes:.1f} minutes, {total} transitions")
    print(f"{'':10}{'true':>6}{'found':>7}{'hits':>6}{'precision':>11}{'recall':>8}{'F1':>7}"
          "   95 % interval")
    scores = {}
    for kind in KINDS + ["gradual"]:
        hits, got, true = add_up(films, kind)
        rng = random.Random(kind)
        draws = sorted(f1(*add_up(rng.choices(films, k=len(films)), kind))
                       for _ in range(RESAMPLES))
        low, high = draws[int(0.025 * RESAMPLES)], draws[int(0.975 * RESAMPLES)]
        scores[kind] = f1(hits, got, true)
        print(f"{kind:10}{true:6}{got:7}{hits:6}{hits / max(1, got):11.3f}"
              f"{hits / max(1, true):8.3f}{scores[kind]:7.3f}   {low:.3f} to {high:.3f}")
    hits, got, _ = add_up(films, "cut")
    false_cuts = (got - hits) / minutes * 10
    print(f"false cuts in 10 minutes: {false_cuts:.2f}")
    if shares:
        print(f"overlap of what was found of dissolves, fades and wipes (intersection over union): "
              f"{sum(shares) / len(shares):.2f} on average")
    is_enough = (scores["cut"] >= 0.97 and scores["dissolve"] >= 0.85 and scores["fade"] >= 0.85
                 and false_cuts <= 1 and total >= 600)
    if options.require and not is_enough:
        raise SystemExit("below what is promised")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Compares what internal/workflow/mining finds with pm4py, on logs that it draws.

It needs pm4py 2.7 with pandas, and Go; from the repository's root:

    python3 bench/mining/compare.py [LOGS [SEED]]

Equal must be: directly-follows graph with start and end activities, durations of
transitions, variants, dependency measures, cost and fitness of alignments with a
configured workflow, and the language of the inductive model (by words of both
models, words of the log, and words at random). The miners may choose differently
where the literature leaves the choice open, so differing languages are counted
apart for logs without any structure.
"""
import csv
import datetime
import functools
import json
import os
import random
import subprocess
import sys
import tempfile

import pandas as pd
import pm4py
from pm4py.algo.conformance.alignments.petri_net import algorithm as alignments
from pm4py.algo.discovery.heuristics import algorithm as heuristics
from pm4py.objects.process_tree.obj import Operator, ProcessTree

STATES = ["a01", "a02?", "a03", "a04?", "a05"]
OPERATORS = {"sequence": Operator.SEQUENCE, "choice": Operator.XOR, "parallel": Operator.PARALLEL, "loop": Operator.LOOP}


def draw_tree(r, depth, counter):
    if depth == 0 or r.random() < 0.25:
        counter[0] += 1
        return {"kind": "activity", "name": "a%02d" % counter[0]}
    children = [{"kind": "silent"} if r.random() < 0.12 else draw_tree(r, depth - 1, counter) for _ in range(r.randint(2, 3))]
    return {"kind": r.choice(list(OPERATORS)), "children": children}


def play(r, t):
    if t["kind"] == "activity":
        return [t["name"]]
    if t["kind"] == "silent":
        return []
    children = t["children"]
    if t["kind"] == "choice":
        return play(r, r.choice(children))
    if t["kind"] == "loop":
        word = play(r, children[0])
        while r.random() < 0.35:
            word += play(r, r.choice(children[1:])) + play(r, children[0])
        return word
    words = [play(r, c) for c in children]
    if t["kind"] == "sequence":
        return sum(words, [])
    mixed = []
    while any(words):
        mixed.append(r.choice([w for w in words if w]).pop(0))
    return mixed


def plain(tree):
    """A process tree of pm4py as ours are written."""
    if tree.operator is None:
        return {"kind": "activity", "name": tree.label} if tree.label is not None else {"kind": "silent"}
    kind = {v: k for k, v in OPERATORS.items()}[tree.operator]
    return {"kind": kind, "children": [plain(c) for c in tree.children]}


def alphabet(t):
    if t["kind"] == "activity":
        return frozenset([t["name"]])
    return frozenset().union(*[alphabet(c) for c in t.get("children", [])]) if t.get("children") else frozenset()


class Language:
    """Decides by the definition of a tree's language whether it has a word."""

    def __init__(self, tree):
        self.nodes = []
        self.root = self.enter(tree)
        self.has = functools.lru_cache(maxsize=None)(self.has)

    def enter(self, t):
        children = [self.enter(c) for c in t.get("children", [])]
        self.nodes.append((t["kind"], t.get("name"), children, alphabet(t)))
        return len(self.nodes) - 1

    def has(self, node, word):
        kind, name, children, _ = self.nodes[node]
        if kind == "activity":
            return word == (name,)
        if kind == "silent":
            return word == ()
        if kind == "choice":
            return any(self.has(c, word) for c in children)
        if kind == "parallel":
            if any(a not in self.nodes[node][3] for a in word):
                return False
            return all(self.has(c, tuple(a for a in word if a in self.nodes[c][3])) for c in children)
        if kind == "sequence":
            ends = {0}
            for c in children:
                ends = {j for i in ends for j in range(i, len(word) + 1) if self.has(c, word[i:j])}
            return len(word) in ends
        begins, ends, size = {0}, set(), -1
        while size != len(begins) + len(ends):
            size = len(begins) + len(ends)
            ends |= {j for i in begins for j in range(i, len(word) + 1) if self.has(children[0], word[i:j])}
            begins |= {j for i in ends for j in range(i, len(word) + 1) for c in children[1:] if self.has(c, word[i:j])}
        return len(word) in ends


def words(r, ours, theirs, log):
    letters = sorted(alphabet(ours) | alphabet(theirs))
    for _ in range(60):
        yield tuple(play(r, ours))
        yield tuple(play(r, theirs))
        yield tuple(r.choice(letters) for _ in range(r.randint(0, 5)))
        word = list(r.choice(log))
        if word:
            word.insert(r.randrange(len(word)), word.pop(r.randrange(len(word))))
        yield tuple(word)
    yield from map(tuple, log)


def same(what, ours, theirs):
    if ours != theirs:
        raise SystemExit("%s differ\n ours:   %s\n theirs: %s" % (what, ours, theirs))


def near(what, ours, theirs):
    if abs(ours - theirs) > 1e-6 * max(1, abs(theirs)):
        raise SystemExit("%s differ: ours %s, theirs %s" % (what, ours, theirs))


def compare(r, path, structured):
    frame = pd.read_csv(path)
    frame["time"] = pd.to_datetime(frame["time"], utc=True)
    frame["case"] = frame["case"].astype(str)
    log = pm4py.format_dataframe(frame, case_id="case", activity_key="activity", timestamp_key="time")
    with open(path[:-4] + ".json") as f:
        ours = json.load(f)

    dfg, start, end = pm4py.discover_dfg(log)
    same("transitions", {(e["from"], e["to"]): e["count"] for e in ours["graph"]["transitions"]}, dict(dfg))
    same("start activities", {s["name"]: s["count"] for s in ours["graph"]["start"]}, dict(start))
    same("end activities", {s["name"]: s["count"] for s in ours["graph"]["end"]}, dict(end))
    performance, _, _ = pm4py.discover_performance_dfg(log)
    for e in ours["graph"]["transitions"]:
        theirs = performance[(e["from"], e["to"])]
        near("mean of %s" % e, e["mean_hours"] * 3600, theirs["mean"])
        near("median of %s" % e, e["median_hours"] * 3600, theirs["median"])
    variants = {k: (v if isinstance(v, int) else len(v)) for k, v in pm4py.get_variants(log).items()}
    same("variants", {tuple(v["activities"]): v["count"] for v in ours["variants"]["list"]}, variants)

    net = heuristics.apply_heu(log, parameters={"dependency_thresh": -1})
    for e in ours["heuristics_net"]["dependencies"]:
        if e["kind"] != "two_loop":
            near("dependency %s" % e, e["dependency"], net.dependency_matrix[e["from"]][e["to"]])

    align(log, ours)

    theirs = plain(pm4py.discover_process_tree_inductive(log, noise_threshold=0.0))
    mine = ours["inductive_model"]["tree"]
    a, b = Language(mine), Language(theirs)
    sequences = list(variants)
    for word in sequences:
        if not a.has(a.root, word):
            raise SystemExit("%s does not fit %s" % (word, ours["inductive_model"]["text"]))
    for word in words(r, mine, theirs, sequences):
        if len(word) <= 14 and a.has(a.root, word) != b.has(b.root, word):
            return "%s\n   ours:   %s\n   theirs: %s\n   word: %s" % (os.path.basename(path), ours["inductive_model"]["text"], pm4py_text(theirs), word)
    return None


def pm4py_text(t):
    if t["kind"] in ("activity", "silent"):
        return "'%s'" % t["name"] if t["kind"] == "activity" else "tau"
    return "%s( %s )" % (OPERATORS[t["kind"]].value, ", ".join(map(pm4py_text, t["children"])))


def align(log, ours):
    root = ProcessTree(operator=Operator.SEQUENCE)
    for state in STATES:
        leaf = ProcessTree(label=state.rstrip("?"), parent=root)
        if state.endswith("?"):
            leaf = ProcessTree(operator=Operator.XOR, parent=root, children=[ProcessTree(label=state.rstrip("?")), ProcessTree()])
            for c in leaf.children:
                c.parent = leaf
        root.children.append(leaf)
    net, initial, final = pm4py.convert_to_petri_net(root)
    results = alignments.apply(log, net, initial, final, variant=alignments.Variants.VERSION_STATE_EQUATION_A_STAR)
    cost = sum(x["cost"] // 10000 for x in results)
    worst = sum(x["bwc"] // 10000 for x in results)
    c = ours["conformance"]
    same("cost of alignments", c["cost"], cost)
    same("worst cost of alignments", c["worst_cost"], worst)
    near("mean fitness", c["mean_fitness"], sum(x["fitness"] for x in results) / len(results))
    near("fitness", c["fitness"], 1 - cost / worst)
    same("conforming cases", c["conforming_cases"], sum(x["cost"] < 10000 for x in results))


def write(r, path, structured):
    tree = draw_tree(r, 3, [0])
    while not 2 <= len(alphabet(tree)) <= 9:
        tree = draw_tree(r, 3, [0])
    at = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
    with open(path, "w", newline="") as f:
        out = csv.writer(f)
        out.writerow(["case", "activity", "time"])
        for case in range(r.randint(1, 40)):
            word = play(r, tree) if structured else [r.choice(["a%02d" % k for k in range(1, 7)]) for _ in range(r.randint(1, 7))]
            for a in word:
                at += datetime.timedelta(seconds=r.randint(1, 500000))
                out.writerow(["c%03d" % case, a, at.isoformat()])
        out.writerow(["last", "a01", at.isoformat()])


def main():
    logs, seed = (int(x) for x in (sys.argv[1:] + ["40", "1"][len(sys.argv) - 1:])[:2])
    r = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        paths = [(os.path.join(folder, "%03d.csv" % i), i % 4 != 3) for i in range(logs)]
        for path, structured in paths:
            write(r, path, structured)
        subprocess.run(["go", "run", "./bench/mining", "-states", ",".join(STATES)] + [p for p, _ in paths], check=True)
        other = {True: [], False: []}
        for path, structured in paths:
            differs = compare(r, path, structured)
            if differs:
                other[structured].append(differs)
    for structured, text in ((True, "with structure"), (False, "without")):
        n = sum(s == structured for _, s in paths)
        print("inductive models of %d logs %s: %d of another language" % (n, text, len(other[structured])))
        for line in other[structured]:
            print("  " + line)
    print("graphs, durations, variants, dependencies and alignments of %d logs are equal" % logs)


if __name__ == "__main__":
    main()

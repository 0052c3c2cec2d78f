"""Writes generated graphs and what networkx says of them, as JSON."""
import json
import random
import sys

import networkx as nx

count, seed = int(sys.argv[1]), int(sys.argv[2])
draw = random.Random(seed)


def generated(i):
    n = draw.randint(5, 80)
    kind = i % 4
    if kind == 0:
        g = nx.gnp_random_graph(n, draw.uniform(0.02, 0.4), seed=draw.randint(0, 1 << 30))
    elif kind == 1:
        g = nx.barabasi_albert_graph(n, draw.randint(1, 4), seed=draw.randint(0, 1 << 30))
    elif kind == 2:
        g = nx.connected_watts_strogatz_graph(n, 4, 0.1, seed=draw.randint(0, 1 << 30))
    else:
        g = nx.planted_partition_graph(4, max(2, n // 4), 0.6, 0.05, seed=draw.randint(0, 1 << 30))
    g = nx.Graph(g)  # without the generator's own attributes
    for a, b in g.edges:
        # Powers of two: sums of lengths are exact, and equal ones are equal.
        g[a][b]["weight"] = 2 ** draw.randint(0, 3)
        g[a][b]["length"] = 1 / g[a][b]["weight"]
    return g


def answers(g):
    best = 0.0
    if g.number_of_edges():
        for s in range(20):
            found = nx.community.louvain_communities(g, weight="weight", seed=s)
            best = max(best, nx.community.modularity(g, found, weight="weight"))
    degree, between = nx.degree_centrality(g), nx.betweenness_centrality(g, weight="length")
    parts = list(nx.connected_components(g))
    return {
        "nodes": g.number_of_nodes(),
        "edges": [[a, b, g[a][b]["weight"]] for a, b in sorted(tuple(sorted(e)) for e in g.edges)],
        "degree": [degree[v] for v in range(len(g))],
        "betweenness": [between[v] for v in range(len(g))],
        "louvain": best,
        "components": len(parts),
        "cuts": sorted(nx.articulation_points(g)),
        # What modularity is of a division that is ours to compute: by parity.
        "parity": nx.community.modularity(g, [set(range(0, len(g), 2)), set(range(1, len(g), 2))], weight="weight") if g.number_of_edges() else 0,
    }


json.dump([answers(generated(i)) for i in range(count)], sys.stdout)

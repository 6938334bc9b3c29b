#!/usr/bin/env python3
"""Our encoder beside onnxruntime and PyTorch: the same weights, token ids, texts and threads, in one run.

Each engine is a process of its own. Rounds are interleaved (A B C A B C ...), so that other load on the machine
meets all of them alike; what counts are the ratios of medians. Every engine gets its best known set-up: texts sorted
by length (batch sizes are tried first), one stream of work per thread, each with one thread inside.
Accuracy is measured against a forward pass in double precision.

Started by scripts/bench.sh, which makes the Python environment. Output: a table, or with --json everything.
"""

import argparse
import json
import os
import statistics
import struct
import subprocess
import sys
import threading
import time

import numpy as np

MODEL = os.environ.get("AUTO_GRADER_MODEL_DIR") or os.path.join(
    os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "auto-grader/models/all-MiniLM-L6-v2"
)

# Sentences as students write them; answers and essays are drawn from these and shuffled word groups.
SENTENCES = """
The water was heated until it slowly evaporated and the dissolved salt stayed behind in the dish.
A vaccine shows the immune system a harmless part of the virus so that memory cells can form.
The lamp goes out because the circuit is open and the charge has no closed path to flow along.
In a hash table two keys may fall into the same bucket, which is called a collision.
Plants take in carbon dioxide through small openings in their leaves and give off oxygen.
The parliament can change the budget, but the government has to agree to higher spending.
If the mass doubles while the force stays the same, the acceleration is half as large.
A recursive function calls itself with a smaller problem and stops at the base case.
The author uses short sentences to make the reader feel how hurried the narrator is.
Metals conduct heat well since their electrons can move freely through the lattice.
When demand rises and supply does not, the price goes up until both are equal again.
The mitochondria release the energy that is stored in sugar so the cell can use it.
Sound cannot travel through empty space because there are no particles to pass it on.
The treaty ended the war, however it left several questions about the border unanswered.
An index makes reading faster but every insert has to update it as well.
I think the moon has phases because we see different parts of its lit half from the earth.
""".strip().splitlines()


class Random:
    """The same numbers everywhere."""

    def __init__(self, seed):
        self.state = seed

    def below(self, limit):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % limit


def text(random, words):
    out = []
    while len(out) < words:
        sentence = SENTENCES[random.below(len(SENTENCES))].split()
        cut = 4 + random.below(max(1, len(sentence) - 4))
        out += sentence[:cut]
    return " ".join(out[:words])


def make_texts(answers, essays):
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(os.path.join(MODEL, "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(512)
    random = Random(20)
    texts = {
        "answers": [text(random, 20 + random.below(41)) for _ in range(answers)],
        "essays": [text(random, 300 + random.below(301)) for _ in range(essays)],
    }
    return {name: [tokenizer.encode(one).ids for one in group] for name, group in texts.items()}


class Weights:
    """model.safetensors without further libraries."""

    def __init__(self):
        with open(os.path.join(MODEL, "model.safetensors"), "rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            self.header = json.loads(file.read(length))
            self.data = file.read()
        with open(os.path.join(MODEL, "config.json")) as file:
            config = json.load(file)
        self.layers, self.heads = config["num_hidden_layers"], config["num_attention_heads"]
        self.hidden, self.eps = config["hidden_size"], config.get("layer_norm_eps", 1e-12)

    def __call__(self, name):
        info = self.header[name]
        start, end = info["data_offsets"]
        return np.frombuffer(self.data[start:end], np.float32).reshape(info["shape"])

    def layer(self, number):
        at = f"encoder.layer.{number}."
        parts = [at + f"attention.self.{part}" for part in ("query", "key", "value")]
        names = {
            "out": at + "attention.output.dense",
            "norm1": at + "attention.output.LayerNorm",
            "up": at + "intermediate.dense",
            "down": at + "output.dense",
            "norm2": at + "output.LayerNorm",
        }
        layer = {key: (self(name + ".weight"), self(name + ".bias")) for key, name in names.items()}
        layer["qkv"] = tuple(np.concatenate([self(part + end) for part in parts]) for end in (".weight", ".bias"))
        return layer

    def embedding(self):
        positions = self("embeddings.position_embeddings.weight") + self("embeddings.token_type_embeddings.weight")[0]
        norm = (self("embeddings.LayerNorm.weight"), self("embeddings.LayerNorm.bias"))
        return self("embeddings.word_embeddings.weight"), positions, norm


def normalised_mean(states, mask):
    pooled = (states * mask[:, :, None]).sum(1)
    return pooled / np.linalg.norm(pooled, axis=1, keepdims=True)


def reference(texts):
    """Embeddings in double precision, text by text."""
    from math import erf

    weights = Weights()
    words, positions, norm = weights.embedding()
    layers = [
        {key: (w.astype(np.float64), b.astype(np.float64)) for key, (w, b) in weights.layer(n).items()}
        for n in range(weights.layers)
    ]
    erf = np.vectorize(erf, otypes=[np.float64])

    def layer_norm(x, pair):
        x = x - x.mean(-1, keepdims=True)
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + weights.eps) * pair[0] + pair[1]

    out = []
    for ids in texts:
        x = words[ids].astype(np.float64) + positions[: len(ids)]
        x = layer_norm(x, norm)
        for layer in layers:
            qkv = x @ layer["qkv"][0].T + layer["qkv"][1]
            q, k, v = (
                part.reshape(len(ids), weights.heads, -1).transpose(1, 0, 2) for part in np.split(qkv, 3, axis=1)
            )
            scores = q @ k.transpose(0, 2, 1) / np.sqrt(q.shape[-1])
            scores = np.exp(scores - scores.max(-1, keepdims=True))
            mixed = (scores / scores.sum(-1, keepdims=True) @ v).transpose(1, 0, 2).reshape(len(ids), -1)
            x = layer_norm(x + mixed @ layer["out"][0].T + layer["out"][1], layer["norm1"])
            inner = x @ layer["up"][0].T + layer["up"][1]
            inner = 0.5 * inner * (1.0 + erf(inner / np.sqrt(2.0)))
            x = layer_norm(x + inner @ layer["down"][0].T + layer["down"][1], layer["norm2"])
        out.append(normalised_mean(x[None], np.ones((1, len(ids))))[0])
    return np.array(out)


def onnx_model(path, attention=True):
    """The encoder as onnxruntime likes it best: with its own fused operations."""
    from onnx import TensorProto, helper, numpy_helper, save

    weights = Weights()
    words, positions, norm = weights.embedding()
    nodes, values = [], []

    def value(name, array):
        values.append(numpy_helper.from_array(np.ascontiguousarray(array, np.float32), name))
        return name

    def node(kind, inputs, output, domain="com.microsoft", **attributes):
        outputs = output if isinstance(output, list) else [output]
        nodes.append(helper.make_node(kind, inputs, outputs, name=kind + "_" + outputs[0], domain=domain, **attributes))
        return outputs[0]

    x = node(
        "EmbedLayerNormalization",
        [
            "ids",
            "",
            value("words", words),
            value("positions", positions),
            "",
            value("norm.weight", norm[0]),
            value("norm.bias", norm[1]),
            "mask",
        ],
        ["x", "lengths"],
        epsilon=float(weights.eps),
    )
    for number in range(weights.layers):
        layer = weights.layer(number)
        at = f"{number}."

        def product(x, key):
            return node("MatMul", [x, value(at + key, layer[key][0].T)], at + key + ".product", domain="")

        def skip_norm(x, y, key, bias):
            inputs = [y, x, value(at + key, layer[key][0]), value(at + key + ".bias", layer[key][1])]
            inputs.append(value(at + bias + ".bias", layer[bias][1]))
            return node("SkipLayerNormalization", inputs, at + key + ".out", epsilon=float(weights.eps))

        mixed = node(
            "Attention",
            [x, value(at + "qkv", layer["qkv"][0].T), value(at + "qkv.bias", layer["qkv"][1]), "lengths"],
            at + "mixed",
            num_heads=weights.heads,
        )
        x = skip_norm(x, product(mixed, "out"), "norm1", "out")
        inner = node("BiasGelu", [product(x, "up"), value(at + "up.bias", layer["up"][1])], at + "gelu")
        x = skip_norm(x, product(inner, "down"), "norm2", "down")
    tensor = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "encoder",
        [tensor("ids", TensorProto.INT32, ["b", "s"]), tensor("mask", TensorProto.INT32, ["b", "s"])],
        [tensor(x, TensorProto.FLOAT, ["b", "s", weights.hidden])],
        values,
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    save(helper.make_model(graph, opset_imports=opsets, ir_version=8), path)


def onnx_engine(folder, kind):
    import onnxruntime

    path = os.path.join(folder, "encoder.onnx")
    if not os.path.exists(path):
        onnx_model(path)
    if kind == "int8":
        import onnx
        from onnxruntime.quantization import QuantType, quantize_dynamic

        full, path = path, os.path.join(folder, "encoder-int8.onnx")
        if not os.path.exists(path):
            kind = {"DefaultTensorType": onnx.TensorProto.FLOAT}
            quantize_dynamic(full, path, weight_type=QuantType.QInt8, per_channel=True, extra_options=kind)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def encode(ids, mask):
        states = session.run(None, {"ids": ids.astype(np.int32), "mask": mask.astype(np.int32)})[0]
        return normalised_mean(states, mask)

    return encode


def torch_engine(kind):
    import torch
    import torch.nn.functional as F

    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    weights = Weights()
    kind = {"f32": torch.float32, "bf16": torch.bfloat16}[kind]
    as_tensor = lambda array: torch.tensor(np.array(array)).to(kind)
    words, positions, norm = weights.embedding()
    words, positions, norm = as_tensor(words), as_tensor(positions), [as_tensor(part) for part in norm]
    layers = [
        {key: tuple(map(as_tensor, pair)) for key, pair in weights.layer(n).items()} for n in range(weights.layers)
    ]
    hidden = (weights.hidden,)

    def encode(ids, mask):
        with torch.inference_mode():
            ids, keep = torch.from_numpy(ids), torch.from_numpy(mask)
            batch, length = ids.shape
            x = F.layer_norm(words[ids] + positions[:length], hidden, norm[0], norm[1], weights.eps)
            hide = None if bool(keep.all()) else (keep > 0)[:, None, None, :]
            for layer in layers:
                qkv = F.linear(x, *layer["qkv"]).view(batch, length, 3, weights.heads, -1).permute(2, 0, 3, 1, 4)
                mixed = F.scaled_dot_product_attention(qkv[0], qkv[1], qkv[2], attn_mask=hide)
                mixed = mixed.transpose(1, 2).reshape(batch, length, -1)
                x = F.layer_norm(x + F.linear(mixed, *layer["out"]), hidden, *layer["norm1"], weights.eps)
                inner = F.gelu(F.linear(x, *layer["up"]))
                x = F.layer_norm(x + F.linear(inner, *layer["down"]), hidden, *layer["norm2"], weights.eps)
            return normalised_mean(x.float().numpy(), mask)

    return encode


def serve(engine, folder, threads):
    """The other side of an Engine: encodes when told to."""
    with open(os.path.join(folder, "texts.json")) as file:
        texts = json.load(file)
    family, kind = engine.split("-")
    encode = onnx_engine(folder, kind) if family == "onnxruntime" else torch_engine(kind)

    def padded(ids):
        width = max(map(len, ids))
        mask = np.array([[1.0] * len(one) + [0.0] * (width - len(one)) for one in ids], np.float32)
        return np.array([one + [0] * (width - len(one)) for one in ids], np.int64), mask

    def prepare(group, size):
        order = sorted(range(len(group)), key=lambda at: -len(group[at]))
        parts = [order[at : at + size] for at in range(0, len(order), size)]
        return [(part, *padded([group[at] for at in part])) for part in parts]

    def run(batches, count):
        out, next_batch, lock = [None] * count, iter(batches), threading.Lock()

        def work():
            while True:
                with lock:
                    batch = next(next_batch, None)
                if batch is None:
                    return
                for at, vector in zip(batch[0], encode(batch[1], batch[2])):
                    out[at] = vector

        workers = [threading.Thread(target=work) for _ in range(threads)]
        [worker.start() for worker in workers]
        [worker.join() for worker in workers]
        return np.array(out)

    # Padded once, outside the time that counts. Batch sizes are tried before.
    ready = {}
    for name, group in texts.items():
        tried = []
        for size in (4, 8, 16, 32) if name == "answers" else (1, 2, 4):
            batches = prepare(group, size)
            run(batches, len(group))
            begun = time.process_time()
            run(batches, len(group))
            tried.append((time.process_time() - begun, size, batches))
        ready[name] = min(tried, key=lambda one: one[0])
    print("ready", json.dumps({name: one[1] for name, one in ready.items()}), flush=True)
    for line in sys.stdin:
        command, name, *file = line.split()
        found = run(ready[name][2], len(texts[name]))
        if command == "save":
            found.astype(np.float32).tofile(file[0])
        print("done", flush=True)


class Engine:
    def __init__(self, name, command, environment=None):
        self.name = name
        log = open(os.path.join(folder_of_logs, name.replace(" ", "-") + ".log"), "w")
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**os.environ, **(environment or {})},
        )
        self.samples = {}

    def answer(self, word):
        line = self.process.stdout.readline()
        if not line.startswith(word):
            raise RuntimeError(f"{self.name} ended; see {folder_of_logs}")
        return line

    def tell(self, *words):
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()
        self.answer("done")

    def cpu(self):
        return time.clock_gettime((~self.process.pid << 3) | 2)  # the process's own clock, all its threads

    def memory(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM"))

    def round(self, name):
        wall, cpu = time.monotonic(), self.cpu()
        self.tell("go", name)
        self.samples.setdefault(name, []).append((time.monotonic() - wall, self.cpu() - cpu))

    def end(self):
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


def spread(values):
    """Half the distance between the quartiles, as a share of the median."""
    low, middle, high = statistics.quantiles(values, n=4)
    return (high - low) / 2 / middle


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ours", required=True, help="the program examples/bench_encoder")
    parser.add_argument("--folder", required=True, help="for models and logs")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--answers", type=int, default=128)
    parser.add_argument("--essays", type=int, default=12)
    parser.add_argument("--engines", default="", help="only these, comma separated")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    global folder_of_logs
    folder_of_logs = options.folder
    os.makedirs(options.folder, exist_ok=True)
    say = lambda line: print(line, file=sys.stderr, flush=True)
    texts = make_texts(options.answers, options.essays)
    path = os.path.join(options.folder, "texts.json")
    with open(path, "w") as file:
        json.dump(texts, file)
    say("computing the reference in double precision")
    expected = {name: reference(group) for name, group in texts.items()}

    ours = lambda precision: [options.ours, path, precision, str(options.threads)]
    peer = lambda name: [sys.executable, __file__, "--serve", name, options.folder, str(options.threads)]
    plans = {
        "ours f32": (ours("f32"), {}),
        "ours bf16": (ours("bf16"), {}),
        "ours int8": (ours("int8"), {}),
        "ours f32 (no AMX)": (ours("f32"), {"AUTO_GRADER_UNIT": "vnni"}),
        "ours int8 (no AMX)": (ours("int8"), {"AUTO_GRADER_UNIT": "vnni"}),
        "onnxruntime f32": (peer("onnxruntime-f32"), {}),
        "onnxruntime int8": (peer("onnxruntime-int8"), {}),
        "PyTorch f32": (peer("torch-f32"), {}),
        "PyTorch bf16": (peer("torch-bf16"), {}),
    }
    wanted = [name.strip() for name in options.engines.split(",") if name.strip()] or list(plans)
    engines, notes = [], {}
    for name in wanted:
        say(f"starting {name}")
        command, environment = plans[name]
        single = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        engine = Engine(name, command, {**single, **environment})
        try:
            notes[name] = engine.answer("ready").strip()[6:]
            engines.append(engine)
        except RuntimeError as error:
            say(f"left out: {error}")
    errors = {}
    for engine in engines:
        for name, group in texts.items():
            file = os.path.join(options.folder, "found.bin")
            engine.tell("save", name, file)
            found = np.fromfile(file, np.float32).reshape(len(group), -1)
            errors[engine.name, name] = float(np.abs(found - expected[name]).max())
    for number in range(options.rounds):
        say(f"round {number + 1} of {options.rounds}; load {os.getloadavg()[0]:.1f}")
        for name in texts:
            for engine in engines:
                engine.round(name)
    report = []
    for name, group in texts.items():
        base = next((engine for engine in engines if engine.name == "onnxruntime f32"), engines[0])
        for engine in engines:
            wall, cpu = zip(*engine.samples[name])
            base_wall, base_cpu = zip(*base.samples[name])
            ratio = lambda theirs, own: statistics.median(a / b for a, b in zip(theirs, own))
            report.append(
                {
                    "texts": name,
                    "engine": engine.name,
                    "per_second": len(group) / statistics.median(wall),
                    "cpu_milliseconds": 1000 * statistics.median(cpu) / len(group),
                    "cpu_spread": spread(cpu),
                    "wall_spread": spread(wall),
                    "speed_by_cpu": ratio(base_cpu, cpu),
                    "speed_by_wall": ratio(base_wall, wall),
                    "compared_with": base.name,
                    "largest_error": errors[engine.name, name],
                    "peak_memory_mib": engine.memory(),
                    "batch": notes[engine.name],
                }
            )
    for engine in engines:
        engine.end()
    if options.json:
        print(json.dumps({"threads": options.threads, "rounds": options.rounds, "report": report}, indent=1))
        return
    print(f"{options.threads} threads, {options.rounds} interleaved rounds, ratios against {base.name} (more is faster)\n")
    print("| texts | engine | ratio by CPU time | ratio by wall time | texts/s | CPU ms/text | spread | largest error | peak MiB |")
    print("|---|---|---|---|---|---|---|---|---|")
    for row in report:
        print(
            f"| {row['texts']} | {row['engine']} | {row['speed_by_cpu']:.2f} | {row['speed_by_wall']:.2f} "
            f"| {row['per_second']:.0f} | {row['cpu_milliseconds']:.2f} | ±{100 * row['cpu_spread']:.0f} % "
            f"| {row['largest_error']:.1e} | {row['peak_memory_mib']} |"
        )


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] == "--serve":
        serve(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        main()

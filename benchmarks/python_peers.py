"""What is measured from Python: ONNX Runtime, and torch.load.

    python_peers.py --write FILE           writes the checkpoint for the row of loading
    python_peers.py FILE > figures.json    measures, and prints rows as brasa_bench names them

ONNX Runtime runs on one thread, with its inputs and outputs bound beforehand (io_binding). What the
call itself costs, from Python, is measured on a model of one Identity and taken off. What is missing
on this machine is left out.
"""

import json
import sys
import time

import numpy as np

SIZES = {"TinyModel": ([100, 200, 10], True), "MLP": ([784, 512, 512, 10], False)}
LOAD_LAYERS = [4096, 4096, 4096]
ROUNDS = 15


def seconds(call):
    """The least time of a call: of ROUNDS groups, each long enough for the clock."""
    call()
    start = time.process_time()
    call()
    count = max(1, int(0.02 / max(time.process_time() - start, 1e-7)))
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in range(count):
            call()
        best = min(best, (time.process_time() - start) / count)
    return best


def model_of(nodes, tensors, inputs, outputs):
    from onnx import TensorProto, helper, numpy_helper

    graph = helper.make_graph(
        nodes,
        "model",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, inputs])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, outputs])],
        [numpy_helper.from_array(value, name) for name, value in tensors.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    return model.SerializeToString()


def network(sizes, softmax):
    """Gemm and Relu, as PyTorch exports them."""
    from onnx import helper

    random = np.random.default_rng(1)
    nodes, tensors, last = [], {}, "x"
    for i, (inputs, outputs) in enumerate(zip(sizes, sizes[1:])):
        bound = 1 / np.sqrt(inputs)
        tensors[f"w{i}"] = random.uniform(-bound, bound, (outputs, inputs)).astype(np.float32)
        tensors[f"b{i}"] = random.uniform(-bound, bound, outputs).astype(np.float32)
        final = i + 2 == len(sizes)
        name = "y" if final and not softmax else f"h{i}"
        nodes.append(helper.make_node("Gemm", [last, f"w{i}", f"b{i}"], [name], transB=1))
        last = name
        if not final:
            nodes.append(helper.make_node("Relu", [last], [f"r{i}"]))
            last = f"r{i}"
    if softmax:
        nodes.append(helper.make_node("Softmax", [last], ["y"], axis=1))
    return model_of(nodes, tensors, sizes[0], sizes[-1])


def bound_call(model, inputs, outputs):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    binding = session.io_binding()
    binding.bind_ortvalue_input("x", onnxruntime.OrtValue.ortvalue_from_numpy(inputs))
    binding.bind_ortvalue_output("y", onnxruntime.OrtValue.ortvalue_from_numpy(outputs))
    return lambda: session.run_with_iobinding(binding)


def onnx_runtime():
    from onnx import helper

    one = np.zeros((1, 1), np.float32)
    identity = model_of([helper.make_node("Identity", ["x"], ["y"])], {}, 1, 1)
    overhead = seconds(bound_call(identity, one, one))
    yield "call of one Identity", "ONNX Runtime", overhead
    for name, rows in [("TinyModel", 1), ("TinyModel", 64), ("TinyModel", 1024), ("MLP", 64)]:
        sizes, softmax = SIZES[name]
        inputs = np.random.default_rng(2).uniform(0, 1, (rows, sizes[0])).astype(np.float32)
        outputs = np.zeros((rows, sizes[-1]), np.float32)
        time_taken = seconds(bound_call(network(sizes, softmax), inputs, outputs)) - overhead
        forward = " forward" if name == "MLP" else ""
        yield f"{name} batch {rows}{forward}", "ONNX Runtime", time_taken


def load_model():
    import torch

    torch.manual_seed(0)
    linears = [torch.nn.Linear(i, o) for i, o in zip(LOAD_LAYERS, LOAD_LAYERS[1:])]
    return torch.nn.Sequential(linears[0], torch.nn.ReLU(), *linears[1:])


def torch_load(path):
    import torch

    torch.set_num_threads(1)
    model = load_model()
    yield "load of 134 MB", "torch.load", seconds(lambda: model.load_state_dict(torch.load(path)))
    yield (
        "load of 134 MB",
        "torch.load, mapped",
        seconds(lambda: model.load_state_dict(torch.load(path, mmap=True))),
    )


def main(arguments):
    if arguments[0] == "--write":
        import torch

        torch.save(load_model().state_dict(), arguments[1])
        return
    figures = []
    for measure in (onnx_runtime, lambda: torch_load(arguments[0])):
        try:
            figures += [{"name": f"{row}/{peer}", "seconds": s} for row, peer, s in measure()]
        except ImportError as error:
            print(f"left out: {error}", file=sys.stderr)
    json.dump(figures, sys.stdout, indent=1)


if __name__ == "__main__":
    main(sys.argv[1:])

"""The training steps of bench/steps/networks.c in PyTorch, in its leanest loop: no modules, no optimizer, one thread.

    OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 python3 pytorch.py NETWORK SECONDS

prints the median of the processor time that a step takes, in microseconds.
"""
import sys
import time

import torch

NETWORKS = {  # widths, batch, activation, whether the loss is cross-entropy
    "a": ([2, 2, 1], 4, torch.sigmoid, False),
    "b": ([784, 30, 10], 10, torch.sigmoid, False),
    "c": ([784, 128, 64, 10], 64, torch.relu, True),
    "d": ([1024, 4096, 4096, 1024], 128, torch.tanh, False),
    "e": ([32] * 1001, 8, torch.tanh, False),
}
RATE = 0.005


def main(name, budget):
    torch.set_num_threads(1)
    torch.manual_seed(0)
    widths, batch, activation, classes = NETWORKS[name]
    x = torch.randn(batch, widths[0])
    target = torch.randint(widths[-1], (batch,)) if classes else torch.rand(batch, widths[-1])
    params = []
    for m, n in zip(widths, widths[1:]):
        params += [torch.empty(m, n).uniform_(-1, 1).mul_((6 / (m + n)) ** 0.5).requires_grad_(),
                   torch.zeros(n, requires_grad=True)]
    loss_of = torch.nn.functional.cross_entropy if classes else torch.nn.functional.mse_loss

    def step():
        y = x
        for i in range(0, len(params), 2):
            y = torch.addmm(params[i + 1], y, params[i])
            if i + 2 < len(params) or not classes:
                y = activation(y)
        slopes = torch.autograd.grad(loss_of(y, target), params)
        with torch.no_grad():
            torch._foreach_add_(params, slopes, alpha=-RATE)

    step()
    begin, times, steps = time.monotonic(), [], 1
    while len(times) < 3 or time.monotonic() - begin < budget:
        t = time.thread_time()
        for _ in range(steps):
            step()
        t = time.thread_time() - t
        if t < 2e-3 and steps < 1000000:
            steps *= 2
        else:
            times.append(t / steps)
    print(1e6 * sorted(times)[len(times) // 2])


main(sys.argv[1], float(sys.argv[2]))

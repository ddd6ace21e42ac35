"""Recurrences of PyTorch and by hand, convolutions over time, attention."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .dense import Make, mlp, start


class Fused(nn.Module):
    """A recurrence of PyTorch, whose inside nobody sees, and a head on its last step, or on all of them."""

    def __init__(
        self,
        kind: Make,
        inputs: int = 1,
        outputs: int = 2,
        layers: int = 1,
        make: Make = nn.ReLU,
        width: int = 32,
    ) -> None:
        super().__init__()
        self.recurrence = kind(inputs, width, layers, batch_first=True)
        self.head = mlp(make, 1, 32, width, outputs)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.recurrence(x)[0][:, -1])


class LetterLstm(nn.Module):
    """The next letter at each step."""

    def __init__(self, letters: int = 100) -> None:
        super().__init__()
        self.embed, self.lstm = nn.Embedding(letters, 16), nn.LSTM(16, 64, batch_first=True)
        self.head = mlp(nn.ReLU, 1, 32, 64, letters)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.lstm(self.embed(x))[0])


class LetterMlp(nn.Module):
    """The next letter from the embedded last sixteen."""

    def __init__(self, letters: int = 100) -> None:
        super().__init__()
        self.embed, self.net = nn.Embedding(letters, 16), mlp(nn.Tanh, 1, 128, 256, letters)

    def forward(self, x: Tensor) -> Tensor:
        return self.net(self.embed(x).flatten(1))


class Recurrence(nn.Module):
    """What the recurrences by hand share: ``parts`` pre-activations a unit from the inputs and from the state."""

    parts = 1

    def __init__(self, inputs: int = 1, outputs: int = 2, width: int = 32) -> None:
        super().__init__()
        self.width = width
        self.inner, self.again = (
            nn.Linear(inputs, self.parts * width),
            nn.Linear(width, self.parts * width),
        )
        self.head = nn.Linear(width, outputs)


class Lstm(Recurrence):
    parts = 4

    def forward(self, x: Tensor) -> Tensor:
        h = c = x.new_zeros(len(x), self.width)
        for step in x.unbind(1):
            i, f, g, o = (self.inner(step) + self.again(h)).chunk(4, -1)
            c = torch.sigmoid(f + 1) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
        return self.head(h)


class Gru(Recurrence):
    parts = 3

    def forward(self, x: Tensor) -> Tensor:
        h = x.new_zeros(len(x), self.width)
        for step in x.unbind(1):
            given, kept = self.inner(step).chunk(3, -1), self.again(h).chunk(3, -1)
            reset, update = (given[0] + kept[0]).sigmoid(), (given[1] + kept[1]).sigmoid()
            new = (given[2] + reset * kept[2]).tanh()
            h = new + update * (h - new)
        return self.head(h)


class Rnn(Recurrence):
    """The plain recurrence, begun with ``gain`` times an orthogonal matrix."""

    def __init__(self, make: Make, gain: float = 1.0) -> None:
        super().__init__()
        self.f = make()
        nn.init.orthogonal_(self.again.weight, gain)

    def forward(self, x: Tensor) -> Tensor:
        h = x.new_zeros(len(x), self.width)
        for step in x.unbind(1):
            h = self.f(self.inner(step) + self.again(h))
        return self.head(h)


def identity_rnn() -> Rnn:
    """ReLU, and the identity as the recurrent matrix."""
    model = Rnn(nn.ReLU)
    nn.init.eye_(model.again.weight)
    nn.init.zeros_(model.again.bias)
    return model


class SequenceToSequence(nn.Module):
    """An encoder, and a decoder that attends to it by adding."""

    def __init__(self, symbols: int = 8, width: int = 48) -> None:
        super().__init__()
        self.embed = nn.Embedding(symbols, width)
        self.places = nn.Parameter(0.1 * torch.randn(6, width))
        self.encoder = nn.GRU(width, width, batch_first=True)
        self.decoder = nn.GRUCell(width, width)
        self.query, self.key = nn.Linear(width, width), nn.Linear(width, width)
        self.tanh, self.weigh = nn.Tanh(), nn.Linear(width, 1)
        self.mix, self.head = nn.Linear(2 * width, width), nn.Linear(width, symbols)

    def forward(self, x: Tensor) -> Tensor:
        read, last = self.encoder(self.embed(x[:, 0]))
        h, out = last[0], []
        for place, written in zip(self.places, x[:, 1].unbind(1), strict=True):
            h = self.decoder(self.embed(written) + place, h)
            scores = self.weigh(self.tanh(self.query(h)[:, None] + self.key(read)))
            context = (scores.softmax(1) * read).sum(1)
            out.append(self.head(torch.tanh(self.mix(torch.cat([h, context], 1)))))
        return torch.stack(out, 1)


class Dilated(nn.Module):
    """Residual convolutions over time, ever wider; ``gated`` as in WaveNet."""

    def __init__(self, gated: bool, width: int = 24) -> None:
        super().__init__()
        self.gated, parts = gated, 2 if gated else 1
        self.first = nn.Conv1d(1, width, 1)
        self.convs = nn.ModuleList(
            [nn.Conv1d(width, parts * width, 3, dilation=2**k, padding=2**k) for k in range(4)]
        )
        self.mixes = nn.ModuleList([nn.Conv1d(width, width, 1) for _ in range(4)])
        self.head = nn.Linear(width, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        total = torch.zeros_like(x)
        for conv, mix in zip(self.convs, self.mixes, strict=True):
            y = conv(x)
            if self.gated:
                value, gate = y.chunk(2, 1)
                y = mix(torch.tanh(value) * torch.sigmoid(gate))
            else:
                y = mix(F.relu(y))
            x, total = x + y, total + y
        return self.head(F.relu(total if self.gated else x).mean(2))


class Transformer(nn.Module):
    """Pre-norm; reads rows of pixels, or letters if ``letters``, of which it foresees each next one."""

    def __init__(
        self,
        f: Callable[[Tensor], Tensor] = F.gelu,
        gated: bool = False,
        norm: Make = nn.LayerNorm,
        letters: int = 0,
        initial: Callable[[Tensor], Tensor] | None = None,
        depth: int = 2,
        width: int = 32,
    ) -> None:
        super().__init__()
        self.f, self.gated, self.causal = f, gated, bool(letters)
        self.embed = nn.Embedding(letters, width) if letters else nn.Linear(8, width)
        self.places = nn.Parameter(0.02 * torch.randn(16 if letters else 8, width))
        self.norms = nn.ModuleList([norm(width) for _ in range(2 * depth)])
        self.triples = nn.ModuleList([nn.Linear(width, 3 * width) for _ in range(depth)])
        self.mixes = nn.ModuleList([nn.Linear(width, width) for _ in range(depth)])
        inner = 4 * width
        ups = 2 * inner if gated else inner
        self.ups = nn.ModuleList([nn.Linear(width, ups) for _ in range(depth)])
        self.downs = nn.ModuleList([nn.Linear(inner, width) for _ in range(depth)])
        self.head = nn.Linear(width, letters or 10)
        start(self, initial)

    def forward(self, x: Tensor) -> Tensor:
        x = self.embed(x) + self.places
        for k in range(len(self.ups)):
            x = x + self._attend(k, self.norms[2 * k](x))
            y = self.ups[k](self.norms[2 * k + 1](x))
            if self.gated:
                gate, up = y.chunk(2, -1)
                y = self.f(gate) * up
            else:
                y = self.f(y)
            x = x + self.downs[k](y)
        return self.head(x if self.causal else x.mean(1))

    def _attend(self, k: int, x: Tensor) -> Tensor:
        q, key, v = (
            part.unflatten(-1, (4, -1)).transpose(1, 2) for part in self.triples[k](x).chunk(3, -1)
        )
        mixed = F.scaled_dot_product_attention(q, key, v, is_causal=self.causal)
        return self.mixes[k](mixed.transpose(1, 2).flatten(2))


def relu_squared(x: Tensor) -> Tensor:
    return F.relu(x) ** 2


class PostNorm(nn.Module):
    """PyTorch's own encoder."""

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.embed = nn.Linear(8, width)
        self.places = nn.Parameter(0.02 * torch.randn(8, width))
        layer = nn.TransformerEncoderLayer(width, 4, 64, 0.0, batch_first=True)
        self.encoder, self.head = nn.TransformerEncoder(layer, 2), nn.Linear(width, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.encoder(self.embed(x) + self.places).mean(1))

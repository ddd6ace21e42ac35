"""The healthy networks: what they must reach, and how they are trained."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import torch
from torch import nn
from torch.nn import functional as F

from . import data, dense, images, losses, other, sequences
from .dense import mlp, stack
from .train import Network, adam, adamw, rmsprop, sgd

regression = partial(Network, loss=F.mse_loss, score=losses.r2)
digits = data.digits

DENSE = {
    "ReLU, 3 layers": Network(lambda: mlp(nn.ReLU, 3), digits, 0.93, adam(), 14),
    "ReLU, 6 layers, He, SGD": Network(
        lambda: mlp(nn.ReLU, 6, initial=dense.he), digits, 0.93, sgd(0.02), 14
    ),
    "ReLU, 8 layers of 128, He": Network(
        lambda: mlp(nn.ReLU, 8, 128, initial=dense.he), digits, 0.93, adam(1e-3), 12
    ),
    "ReLU, 10 layers, He, SGD": Network(
        lambda: mlp(nn.ReLU, 10, initial=dense.he), digits, 0.9, sgd(0.01), 20
    ),
    "ReLU, 10 layers": Network(lambda: mlp(nn.ReLU, 10), digits, 0.9, adam(), 24),
    "ReLU, 3 layers of 1024": Network(lambda: mlp(nn.ReLU, 3, 1024), digits, 0.93, adam(5e-4), 5),
    "ReLU, 3 layers of 8, wine": Network(
        lambda: mlp(nn.ReLU, 3, 8, 13, 3), data.wine, 0.9, adam(5e-3), 80, 16
    ),
    "ReLU, 6 layers of 16, cancer": Network(
        lambda: mlp(nn.ReLU, 6, 16, 30, 2), data.cancer, 0.93, adam(3e-3), 30, 32
    ),
    "ReLU, funnel": Network(
        lambda: stack(nn.ReLU, [512, 256, 128, 64, 32, 16]), digits, 0.93, adam(1e-3), 25
    ),
    "ReLU, 4 layers, Xavier, RMSprop": Network(
        lambda: mlp(nn.ReLU, 4, initial=dense.xavier), digits, 0.93, rmsprop(), 16, warm=True
    ),
    "ReLU, 4 layers, orthogonal, SGD": Network(
        lambda: mlp(nn.ReLU, 4, initial=dense.orthogonal), digits, 0.93, sgd()
    ),
    "ReLU, 4 layers of 256, weights of 0.02": Network(
        lambda: mlp(nn.ReLU, 4, 256, initial=dense.small_normal), digits, 0.93, adam(1e-3), 24
    ),
    "GELU, 5 layers": Network(lambda: mlp(nn.GELU, 5), digits, 0.92, adamw(), 16),
    "GELU, 8 layers, Xavier": Network(
        lambda: mlp(nn.GELU, 8, initial=dense.xavier), digits, 0.92, adam(), 16
    ),
    "SiLU, 4 layers, RMSprop": Network(
        lambda: mlp(nn.SiLU, 4), digits, 0.93, rmsprop(2e-3), 16, warm=True
    ),
    "SiLU, 6 layers, He": Network(lambda: mlp(nn.SiLU, 6, initial=dense.he), digits, 0.92),
    "ELU, 6 layers, SGD": Network(lambda: mlp(nn.ELU, 6), digits, 0.92, sgd(0.03), 36),
    "SELU, 8 layers, LeCun, SGD": Network(
        lambda: mlp(nn.SELU, 8, initial=dense.lecun), digits, 0.92, sgd(0.01), 14
    ),
    "SELU, 10 layers, alpha dropout": Network(
        lambda: mlp(nn.SELU, 10, initial=dense.lecun, drop=lambda: nn.AlphaDropout(0.05)),
        digits, 0.9, adam(1e-3), 16,
    ),
    "leaky ReLU, 5 layers": Network(lambda: mlp(nn.LeakyReLU, 5), digits, 0.92, adam(), 22),
    "leaky ReLU of 0.2, 7 layers, He": Network(
        lambda: mlp(partial(nn.LeakyReLU, 0.2), 7, initial=dense.he), digits, 0.92, adam(1e-3), 14
    ),
    "Mish, 6 layers": Network(lambda: mlp(nn.Mish, 6), digits, 0.92, adam(), 16),
    "tanh, 10 layers, Xavier, SGD": Network(
        lambda: mlp(nn.Tanh, 10, initial=dense.xavier), digits, 0.92, sgd(0.02), 24
    ),
    "tanh, 5 layers": Network(lambda: mlp(nn.Tanh, 5), digits, 0.93, adam(), 14),
    "tanh, 4 layers, gain 5/3, SGD": Network(
        lambda: mlp(nn.Tanh, 4, initial=dense.xavier_tanh), digits, 0.92, sgd(0.02), 14
    ),
    "tanh, 2 layers, spirals": Network(
        lambda: mlp(nn.Tanh, 2, 64, 2, 2), data.spirals, 0.93, adam(1e-2), 60
    ),
    "softplus, 3 layers": Network(lambda: mlp(nn.Softplus, 3), digits, 0.9, adam(4e-3), 30),
    "sigmoid, 2 layers, Xavier": Network(
        lambda: mlp(nn.Sigmoid, 2, initial=dense.xavier), digits, 0.93, adam(1e-2), 12
    ),
    "sigmoid, 3 layers": Network(lambda: mlp(nn.Sigmoid, 3), digits, 0.9, adam(1e-2), 25),
    "hardtanh, 4 layers": Network(lambda: mlp(nn.Hardtanh, 4), digits, 0.93, adam(), 14),
    "softsign, 5 layers": Network(lambda: mlp(nn.Softsign, 5), digits, 0.92, adam(3e-3), 18),
    "PReLU, 4 layers": Network(lambda: mlp(nn.PReLU, 4), digits, 0.93, adam(), 22),
    "CELU and hardswish": Network(dense.mixed, digits, 0.93, adam(), 14),
    "ReLU, dropout of 0.5": Network(
        lambda: mlp(nn.ReLU, 3, 256, drop=nn.Dropout), digits, 0.93, adam(1e-3), 16
    ),
    "GELU, label smoothing": Network(
        lambda: mlp(nn.GELU, 3), digits, 0.93, epochs=14, loss=losses.smoothed
    ),
    "ReLU, warm-up and cosine": Network(
        lambda: mlp(nn.ReLU, 4), digits, 0.93, adamw(5e-3), 14, warm=True
    ),
    "ReLU, batch norm, warm-up, SGD": Network(
        lambda: mlp(nn.ReLU, 3, norm=nn.BatchNorm1d), digits, 0.93, sgd(), warm=True
    ),
    "ReLU, 8 layers, batch norm": Network(
        lambda: mlp(nn.ReLU, 8, norm=nn.BatchNorm1d), digits, 0.92, adam(3e-3), 14
    ),
    "sigmoid, 4 layers, batch norm": Network(
        lambda: mlp(nn.Sigmoid, 4, norm=nn.BatchNorm1d), digits, 0.9, adam(5e-3), 12
    ),
    "ReLU, 6 layers, layer norm": Network(
        lambda: mlp(nn.ReLU, 6, norm=nn.LayerNorm), digits, 0.93, adam(), 12
    ),
    "SiLU, 6 layers, RMS norm": Network(
        lambda: mlp(nn.SiLU, 6, norm=nn.RMSNorm), digits, 0.93, adam(), 12
    ),
    "leaky ReLU, weight norm": Network(dense.weight_normed, digits, 0.93, adam(), 14),
    "ReLU, standardised digits": Network(
        lambda: mlp(nn.ReLU, 4), partial(digits, scaled=True), 0.93, adam(), 12
    ),
    "ReLU, a single epoch": Network(lambda: mlp(nn.ReLU, 3, 128), digits, 0.8, adam(3e-3), 1, 16),
    "ReLU, batches of 4, moons": Network(
        lambda: mlp(nn.ReLU, 2, 16, 2, 2), data.moons, 0.93, adam(3e-3), 8, 4
    ),
    "ReLU, batches of 8, SGD": Network(lambda: mlp(nn.ReLU, 3), digits, 0.93, sgd(0.01), 8, 8),
    "ReLU, spirals": Network(
        lambda: mlp(nn.ReLU, 4, 64, 2, 2), data.spirals, 0.93, adam(3e-3), 50
    ),
    "ReLU, 3 layers of 8, circles": Network(
        lambda: mlp(nn.ReLU, 3, 8, 2, 2), data.circles, 0.93, adam(1e-2), 40
    ),
    "ReLU, one class of 4 %": Network(
        lambda: mlp(nn.ReLU, 3, 64, 20, 2), data.imbalance, 0.8, adam(1e-3), 15,
        score=losses.balanced,
    ),
    "branches of ReLU and tanh": Network(dense.Branches, digits, 0.93, adam(), 14),
    "few active units": Network(
        dense.Sparse, digits, 0.93, adam(1e-3), 15,
        loss=losses.few_active, score=losses.accuracy_of_first,
    ),
    "two heads, one idle at times": Network(
        dense.Heads, digits, 0.91, adam(), 14,
        loss=losses.both_heads, score=losses.accuracy_of_first,
    ),
    "residual, pre-norm": Network(lambda: dense.PreNorm(10), digits, 0.93, adamw(1e-3), 6),
    "residual, stochastic depth": Network(
        lambda: dense.PreNorm(6, F.silu, zero=False, drop=0.3), digits, 0.93, adamw(1e-3), 12
    ),
    "residual, no norm": Network(
        lambda: dense.PreNorm(8, F.relu, nn.Identity), digits, 0.93, adam(1e-3), 12
    ),
    "highway": Network(dense.Highway, digits, 0.92, adam(3e-3), 16),
    "GLU": Network(dense.Glu, digits, 0.92, adam(3e-3), 12),
    "gates of sigmoid": Network(lambda: dense.Gated(torch.sigmoid), digits, 0.92, adam(3e-3), 12),
    "gates of ReLU": Network(lambda: dense.Gated(F.relu), digits, 0.92, adam(3e-3), 14),
    "maxout": Network(dense.Maxout, digits, 0.93, adam(), 12),
    "experts, two of six": Network(dense.Experts, digits, 0.93, adam(), 14),
    "equilibrium, tanh": Network(lambda: dense.Equilibrium(nn.Tanh), digits, 0.93, adam(), 14),
    "equilibrium, ReLU": Network(lambda: dense.Equilibrium(nn.ReLU), digits, 0.92, adam(1e-3), 28),
    "flow, SiLU": Network(dense.Flow, digits, 0.93, adam(3e-3), 14),
    "autoencoder, tanh": regression(dense.autoencoder, data.copies, 0.5, adam(3e-3), 26),
    "wide and deep": Network(dense.WideAndDeep, data.one_hot, 0.8, adam(), 8),
    "GELU, one-hot": Network(lambda: mlp(nn.GELU, 3, 64, 150, 2), data.one_hot, 0.8, adamw(), 8),
    "embeddings": Network(dense.Embedded, data.codes, 0.85, adam(3e-3), 12),
    "several labels": Network(
        lambda: mlp(nn.ReLU, 2, 64, 20, 6), data.multilabel, 0.78, adam(), 15,
        loss=F.binary_cross_entropy_with_logits, score=losses.signs,
    ),
    "a probability": Network(
        dense.probability, data.cancer, 0.93, adam(), 30,
        loss=losses.probability, score=losses.halves,
    ),
}  # fmt: skip

IMAGES = {
    "CNN, ReLU, SGD": Network(lambda: images.cnn(nn.ReLU), data.images, 0.93, sgd(0.02), 14, 32),
    "CNN, ReLU, He": Network(
        lambda: images.cnn(nn.ReLU, initial=dense.he), data.images, 0.93, adamw(), 12, 32
    ),
    "CNN, batch norm, textures, SGD": Network(
        lambda: images.cnn(nn.ReLU, nn.BatchNorm2d, outputs=4), data.textures, 0.93, sgd(0.02), 6, 32
    ),
    "CNN, SiLU, group norm": Network(
        lambda: images.cnn(nn.SiLU, partial(nn.GroupNorm, 4)), data.images, 0.93, adamw(3e-3), 10
    ),
    "CNN, leaky ReLU, instance norm": Network(
        lambda: images.cnn(nn.LeakyReLU, nn.InstanceNorm2d), data.images, 0.85, adam(5e-3), 30
    ),
    "LeNet, tanh, SGD": Network(images.lenet, data.images, 0.93, sgd(), 12, 32),
    "ResNet": Network(images.ResNet, data.images, 0.93, adam(4e-3), 12, warm=True),
    "DenseNet": Network(images.DenseNet, data.images, 0.92, adam(3e-3), 18),
    "ConvNeXt": Network(images.ConvNext, data.images, 0.93, adamw(4e-3), 16),
    "MobileNet, ReLU6": Network(
        lambda: images.MobileNet(nn.ReLU6, squeeze=False), data.images, 0.93, rmsprop(), 14
    ),
    "MobileNet, hardswish, squeeze": Network(
        lambda: images.MobileNet(nn.Hardswish, squeeze=True), data.images, 0.93, adam(3e-3), 10
    ),
    "U-Net": Network(
        images.UNet, data.discs, 0.8, adam(3e-3), 12, 32,
        loss=F.binary_cross_entropy_with_logits, score=losses.overlap,
    ),
    "mixer": Network(images.Mixer, data.images, 0.93, adamw(3e-3), 14),
    "autoencoder, convolutions": regression(
        images.autoencoder, data.image_copies, 0.6, adam(5e-3), 24
    ),
    "autoencoder, variational": Network(
        other.Variational, data.copies, 0.3, adam(), 30,
        loss=losses.evidence, score=losses.r2_of_first,
    ),
    "Siamese": Network(
        other.Siamese, data.pairs, 0.85, adam(), 14, loss=losses.contrast, score=losses.near
    ),
    "two towers": Network(
        other.Towers, data.pairs, 0.8, adam(), 18,
        loss=F.binary_cross_entropy_with_logits, score=losses.signs,
    ),
}  # fmt: skip

SEQUENCES = {
    "LSTM of PyTorch": Network(
        lambda: sequences.Fused(nn.LSTM, 1, 4), data.wave_steps, 0.9, adam(1e-2), 24
    ),
    "GRU of PyTorch": Network(
        lambda: sequences.Fused(nn.GRU), data.majority, 0.9, adam(5e-3), 15
    ),
    "RNN of PyTorch, 2 layers": Network(
        lambda: sequences.Fused(nn.RNN, layers=2, make=nn.Tanh), data.majority, 0.9, adam(3e-3), 15
    ),
    "LSTM by hand": regression(lambda: sequences.Lstm(2, 1), data.adding, 0.8, adam(1e-2), 34, clip=1.0),
    "GRU by hand": Network(sequences.Gru, data.majority, 0.9, adam(5e-3), 14),
    "GRU by hand, 20 steps back": Network(
        sequences.Gru, partial(data.first_symbol, length=20), 0.93, adam(1e-2), 20, clip=1.0
    ),
    "RNN, tanh": Network(lambda: sequences.Rnn(nn.Tanh), data.majority, 0.9, adam(), 14, clip=1.0),
    "RNN, ReLU, identity": Network(
        sequences.identity_rnn, data.majority, 0.9, adam(1e-3), 16, clip=1.0
    ),
    "sequence to sequence": Network(
        sequences.SequenceToSequence, data.reverse, 0.9, adam(5e-3), 10, loss=losses.each_step
    ),
    "dilated convolutions": Network(
        lambda: sequences.Dilated(gated=False), data.waves, 0.93, adam(3e-3), 10
    ),
    "WaveNet": Network(lambda: sequences.Dilated(gated=True), data.waves, 0.93, adam(3e-3), 12),
    "letters, MLP": Network(sequences.LetterMlp, data.next_letter, 0.4, adam(3e-3), 6),
    "letters, LSTM": Network(
        sequences.LetterLstm, data.text, 0.45, adam(5e-3), 6, loss=losses.each_step
    ),
    "letters, transformer": Network(
        lambda: sequences.Transformer(letters=100, initial=dense.small_normal),
        data.text, 0.45, adamw(4e-3), 8, loss=losses.each_step, warm=True,
    ),
    "transformer, GeGLU, RMS norm": Network(
        lambda: sequences.Transformer(gated=True, norm=nn.RMSNorm), data.rows, 0.92, adamw(4e-3), 20
    ),
    "transformer, ReLU": Network(
        lambda: sequences.Transformer(F.relu), data.rows, 0.92, adam(3e-3), 14
    ),
    "transformer, squared ReLU": Network(
        lambda: sequences.Transformer(sequences.relu_squared), data.rows, 0.92, adam(3e-3), 14
    ),
    "transformer of PyTorch": Network(sequences.PostNorm, data.rows, 0.92, adam(), 14),
    "bag, gated attention": Network(other.Bag, data.rows, 0.9, adam(3e-3), 30),
}  # fmt: skip

OTHERS = {
    "Friedman, ReLU": regression(
        lambda: mlp(nn.ReLU, 3, 64, 10, 1), data.friedman, 0.85, adam(), 25
    ),
    "Friedman, ReLU, targets × 1000": regression(
        lambda: mlp(nn.ReLU, 3, 64, 10, 1),
        partial(data.friedman, scale=1000.0, shift=5000.0), 0.6, adam(1e-2), 60,
    ),
    "Friedman, SiLU, targets of 300": regression(
        lambda: mlp(nn.SiLU, 3, 64, 10, 1),
        partial(data.friedman, scale=20.0, shift=300.0), 0.7, adam(5e-3), 40,
    ),
    "Friedman, tanh": regression(
        lambda: mlp(nn.Tanh, 2, 64, 10, 1), data.friedman, 0.85, adam(3e-3), 30
    ),
    "Friedman, FiLM": regression(other.Modulated, data.friedman, 0.8, adam(3e-3), 30),
    "diabetes, ELU": regression(
        lambda: mlp(nn.ELU, 3, 32, 10, 1), data.diabetes, 0.3, adam(5e-3), 60, 32
    ),
    "diabetes, ReLU, Huber": Network(
        lambda: mlp(nn.ReLU, 2, 64, 10, 1), data.diabetes, 0.3, adam(5e-3), 60, 32,
        loss=F.smooth_l1_loss, score=losses.r2,
    ),
    "two waves, tanh": regression(
        lambda: mlp(nn.Tanh, 3, 32, 1, 1), data.two_waves, 0.95, adam(1e-2), 60
    ),
    "two waves, ReLU": regression(
        lambda: mlp(nn.ReLU, 4, 64, 1, 1), data.two_waves, 0.95, adam(5e-3), 80
    ),
    "pattern, SIREN": regression(other.siren, data.pattern, 0.7, adam(5e-4), 60),
    "pattern, Fourier features": regression(other.Fourier, data.pattern, 0.9, adam(), 50),
    "moons, Gaussian": Network(
        lambda: mlp(other.Gaussian, 2, 32, 2, 2), data.moons, 0.93, adam(1e-2), 20
    ),
    "moons, radial basis": Network(other.RadialBasis, data.moons, 0.93, adam(1e-2), 30),
    "differential equation": Network(
        other.Oscillator, data.oscillator, 0.95, adam(5e-3), 150, 128,
        loss=losses.equation, score=losses.solution,
    ),
    "deep sets": regression(other.DeepSets, data.point_sets, 0.85, adam(3e-3), 25),
    "graph convolutions": Network(other.Graph, data.nodes, 0.9, adam(1e-2), 100, None),
    "spiking": Network(other.Spiking, digits, 0.9, adam(3e-3), 12),
    "action values": Network(
        lambda: mlp(nn.ReLU, 2, 64, 2, 3), data.action_values, 0.9, adam(), 25,
        loss=F.smooth_l1_loss, score=losses.r2,
    ),
    "policy": regression(other.policy, data.control, 0.8, adam(3e-3), 20),
    "actor and critic": Network(
        other.ActorCritic, data.control, 0.8, adam(3e-3), 25,
        loss=losses.actor_and_critic, score=losses.r2_of_first,
    ),
    "tuned, the end": Network(other.tuned_end, digits, 0.85, adam(1e-2), 40),
    "tuned, adapters": Network(other.tuned_adapters, digits, 0.9, adam(5e-3), 28),
    "tuned, all": Network(other.tuned_whole, digits, 0.9, adam(1e-3), 14),
}  # fmt: skip

NETWORKS: Mapping[str, Network] = DENSE | IMAGES | SEQUENCES | OTHERS

// Written by tools/coefficients.py.
#pragma once

#include <cstdint>

namespace RHEOBASE_TARGET {

// Polynomials in double arithmetic, as exact as a result of type T needs; lowest power first.
template <class T> struct Polynomials;

template <> struct Polynomials<float> {
  // (e^r - 1 - r) / r², |r| <= ln(2)/2
  static constexpr double exponential[] = {0x1.00000028ba2a7p-1, 0x1.555555745a84dp-3, 0x1.5554ac2f03635p-5, 0x1.1110b06ff9093p-7, 0x1.6d75ea07736c3p-10, 0x1.a171ecaddd95fp-13};  // error 2^-32.0
  // (2 atanh(s)/s - 2) / s² in s², |s| <= 3 - √8
  static constexpr double logarithm[] = {0x1.555554fb1e634p-1, 0x1.999a7e2c4a8a4p-2, 0x1.24380acfee897p-2, 0x1.e3127ade26f9cp-3};  // error 2^-36.5
  // (z + 1.25) e^(z²/2) Φ(-z) in t = (z - 4) / (z + 4), z from 0 to 15.5 (float), 39 (double)
  static constexpr double mills[] = {0x1.fb8d3628b55acp-2, -0x1.1d4ad7bc81c2dp-3, 0x1.7169e8cb1e4b6p-5, 0x1.5dbfc949fca4fp-7, -0x1.911b43786aa4ep-6, 0x1.0315bde61d590p-6, -0x1.3f89baab80dd0p-8, -0x1.0b01c9285c65cp-13, 0x1.541f02b17a8a9p-11, -0x1.a928cf3a768acp-14, -0x1.50a4c074129fdp-14, 0x1.08cb9dc6f1fb2p-16, 0x1.40af070b73d3fp-17};  // error 2^-35.1
  // (sin(r)/r - 1) / r² in r², |r| <= π/4
  static constexpr double sine[] = {-0x1.5555554c6dc3ap-3, 0x1.1111086ac47e0p-7, -0x1.a00f7fd8c3ee2p-13, 0x1.6cd2083c86013p-19};  // error 2^-37.5
  // (cos r - 1 + r²/2) / r⁴ in r², |r| <= π/4
  static constexpr double cosine[] = {0x1.55554a4ca10fep-5, -0x1.6c0c5467cd640p-10, 0x1.99f41018bd862p-16};  // error 2^-33.2
  // (x - tanh x) / x³ in x², |x| <= 0.75
  static constexpr double shrunk_tanh[] = {0x1.5555554b4cafap-2, -0x1.1111032e90eb5p-3, 0x1.ba15525636ca1p-5, -0x1.65c45845716fcp-6, 0x1.1ca54e0ad3da5p-7, -0x1.956938a661623p-9, 0x1.6e25b8bb1a186p-11};  // error 2^-30.7
};

template <> struct Polynomials<double> {
  // (e^r - 1 - r) / r², |r| <= ln(2)/2
  static constexpr double exponential[] = {0x1.0000000000000p-1, 0x1.5555555555559p-3, 0x1.5555555555557p-5, 0x1.111111110f642p-7, 0x1.6c16c16c15773p-10, 0x1.a01a01b00fcc5p-13, 0x1.a01a01ab1a225p-16, 0x1.71ddf7e787cabp-19, 0x1.27e4d12ff642bp-22, 0x1.af5f7e056c165p-26, 0x1.1f840ab1f87fcp-29};  // error 2^-61.7
  // (2 atanh(s)/s - 2) / s² in s², |s| <= 3 - √8
  static constexpr double logarithm[] = {0x1.5555555555555p-1, 0x1.999999999998ep-2, 0x1.2492492493a25p-2, 0x1.c71c71c4b59bep-3, 0x1.745d187bb98a4p-3, 0x1.3b1352f53bfbfp-3, 0x1.1122b1fcf3e14p-3, 0x1.ddede43bc0e41p-4, 0x1.ed0f3052fd577p-4};  // error 2^-59.7
  // (z + 1.25) e^(z²/2) Φ(-z) in t = (z - 4) / (z + 4), z from 0 to 15.5 (float), 39 (double)
  static constexpr double mills[] = {0x1.fb8d36288361ep-2, -0x1.1d4ad7c6f13b0p-3, 0x1.7169e9b961032p-5, 0x1.5dbfe8f50f7c1p-7, -0x1.911b6cec991f7p-6, 0x1.0314d68018566p-6, -0x1.3f851dd39b870p-8, -0x1.08129760e88c0p-13, 0x1.53caa66fa1037p-11, -0x1.bbd6394ea4befp-14, -0x1.52717a5975797p-14, 0x1.77f07a3958446p-16, 0x1.a5264e86ae3abp-17, -0x1.e863104217441p-19, -0x1.4895379040aaap-19, 0x1.e77bf2e66b30ep-22, 0x1.1c23ba0673418p-21, -0x1.226f7df9324f8p-27, -0x1.d451bdc1b1985p-24, -0x1.5e038206c31bbp-26, 0x1.295ca590da563p-26, 0x1.0c1eb67c963c6p-27, -0x1.12412edf3439cp-30, -0x1.608e17e44e72ep-30, -0x1.fc2a8f3ffb74bp-33};  // error 2^-55.5
  // (sin(r)/r - 1) / r² in r², |r| <= π/4
  static constexpr double sine[] = {-0x1.5555555555555p-3, 0x1.111111111110bp-7, -0x1.a01a01a018a6ap-13, 0x1.71de3a5330751p-19, -0x1.ae64528d565bep-26, 0x1.61208c15ebc65p-33, -0x1.aaa21e101f27fp-41};  // error 2^-57.3
  // (cos r - 1 + r²/2) / r⁴ in r², |r| <= π/4
  static constexpr double cosine[] = {0x1.555555555554bp-5, -0x1.6c16c16c1504ep-10, 0x1.a01a019c96bb5p-16, -0x1.27e4f7f7c6c21p-22, 0x1.1ee9e040a6796p-29, -0x1.8fa8d9cf2098dp-37};  // error 2^-62.9
  // (x - tanh x) / x³ in x², |x| <= 0.75
  static constexpr double shrunk_tanh[] = {0x1.5555555555555p-2, -0x1.1111111111103p-3, 0x1.ba1ba1ba1a0efp-5, -0x1.664f488230458p-6, 0x1.226e354335ad0p-7, -0x1.d6d3cabc9fab0p-9, 0x1.7da2f0e80f2ffp-10, -0x1.35525d61406aap-11, 0x1.f5158281994c5p-13, -0x1.93e3e21b5d673p-14, 0x1.3d92581790a08p-15, -0x1.c8b67f2f2a138p-17, 0x1.01a7f262870ffp-18, -0x1.422fbc100171dp-21};  // error 2^-55.6
};

constexpr double mills_shift = 1.25, mills_centre = 4;

// The same in float arithmetic.
struct Narrow {
  // (e^r - 1 - r) / r², |r| <= ln(2)/2
  static constexpr float exponential[] = {0x1.0000000000000p-1f, 0x1.5555560000000p-3f, 0x1.5554f00000000p-5f, 0x1.110fe20000000p-7f, 0x1.6d438c0000000p-10f, 0x1.a28f220000000p-13f};  // error 2^-31.0
  // (log(1 + n) - n + n²/2) / n³ in n - 1/2, 0 <= n <= 1
  static constexpr float logarithm[] = {0x1.f323ec0000000p-3f, -0x1.082ce80000000p-3f, 0x1.24f6320000000p-4f, -0x1.4eddec0000000p-5f, 0x1.869b880000000p-6f, -0x1.cfd3820000000p-7f, 0x1.21add40000000p-7f, -0x1.710ed60000000p-8f, 0x1.3249260000000p-9f};  // error 2^-29.1
};

// What single/ needs.
struct Single {
  static constexpr float log2_e = 0x1.7154760000000p+0f;
  static constexpr float ln_2[] = {0x1.62e4300000000p-1f, -0x1.05c6100000000p-29f};
  static constexpr float exponential[] = {0x1.0000000000000p-1f, 0x1.55570c0000000p-3f, 0x1.5556880000000p-5f};  // error 2^-31.5
  // 2^(j/16) less j·2^19 in its bits, and what the float lost
  alignas(64) static constexpr float powers[16] = {0x1.0000000000000p+0f, 0x1.fb55860000000p-1f, 0x1.f72b840000000p-1f, 0x1.f387a60000000p-1f, 0x1.f06fe00000000p-1f, 0x1.edea640000000p-1f, 0x1.ebfdae0000000p-1f, 0x1.eab07e0000000p-1f, 0x1.ea09e60000000p-1f, 0x1.ea11480000000p-1f, 0x1.eace540000000p-1f, 0x1.ec49180000000p-1f, 0x1.ee89fa0000000p-1f, 0x1.f199be0000000p-1f, 0x1.f5818e0000000p-1f, 0x1.fa4afa0000000p-1f};
  alignas(64) static constexpr float powers_tail[16] = {0x0.0p+0f, 0x1.8d96d40000000p-25f, -0x1.9c0c220000000p-27f, 0x1.9649040000000p-25f, 0x1.1250020000000p-25f, 0x1.370be40000000p-25f, -0x1.0a35500000000p-25f, -0x1.00d8ac0000000p-27f, 0x1.26055c0000000p-26f, -0x1.05cb440000000p-25f, 0x1.67a1ca0000000p-28f, 0x1.a3b5e40000000p-28f, -0x1.f9c3040000000p-27f, -0x1.6961b40000000p-28f, -0x1.a5217c0000000p-28f, 0x1.61428e0000000p-28f};
};

// What single/waves.hpp and single/logit.hpp need.
struct SingleWaves {
  static constexpr float two_over_pi = 0x1.45f3060000000p-1f;
  static constexpr float half_pi[] = {0x1.921fb60000000p+0f, -0x1.777a5c0000000p-25f, -0x1.ee59da0000000p-50f};
  // log 2 over 2^23, the first part short: its product with an exponent is exact
  static constexpr float ln_2[] = {0x1.62e4000000000p-24f, 0x1.7f7d1c0000000p-43f};
  // (sin(r)/r - 1) / r² in r², |r| <= 0.81
  static constexpr float sine[] = {-0x1.5555560000000p-3f, 0x1.1111600000000p-7f, -0x1.a043220000000p-13f, 0x1.764d360000000p-19f};  // error 2^-32.2
  // (cos r - 1 + r²/2) / r⁴ in r², |r| <= 0.81
  static constexpr float cosine[] = {0x1.5555480000000p-5f, -0x1.6c0af20000000p-10f, 0x1.998fda0000000p-16f};  // error 2^-32.7
  // (2 atanh(s)/s - 2) / s² in s², |s| <= 3 - √8
  static constexpr float logarithm[] = {0x1.5555540000000p-1f, 0x1.999bd40000000p-2f, 0x1.23f1a40000000p-2f, 0x1.ec1cf60000000p-3f};  // error 2^-34.0
};

// slope(zero + d) / d, |d| <= 2^-5
struct Zeros {
  static constexpr double silu[] = {0x1.be141046055c4p-3, 0x1.2c563458cc356p-3, 0x1.353eb4fe0d6cfp-6, -0x1.f2d0e380ee4eap-7, -0x1.b0e48cb71dc0fp-8, 0x1.0a38ed0fdc873p-13};  // error 2^-45.3
  static constexpr double gelu[] = {0x1.b9d98fa5a3b61p-2, 0x1.8d9a941de2ab8p-2, -0x1.2a2efc58b1c88p-6, -0x1.d2fa4b975fecap-4, -0x1.e3d0bdc2c0877p-7, 0x1.3e2460cb2b310p-6};  // error 2^-42.8
  static constexpr double gelu_tanh[] = {0x1.b8bacd2c97657p-2, 0x1.8cd1a2b2fedd6p-2, -0x1.029618f541a10p-6, -0x1.d2b772bb5fab2p-4, -0x1.102a32a8e640ep-6, 0x1.426839bc512fcp-6};  // error 2^-42.6
  static constexpr double mish[] = {0x1.115acb42502f8p-2, 0x1.a34a251d8bbabp-3, 0x1.574f11c9f4ce1p-5, -0x1.4c2230c9538e8p-6, -0x1.032fe6a1a91a5p-6, -0x1.b8451de35e08ap-9};  // error 2^-44.8
};

constexpr Pair<double> silu_zero = {-0x1.474973c84120bp+0, -0x1.f8d74bc9ac154p-54};
constexpr Pair<double> gelu_zero = {-0x1.80ead197f00b4p-1, 0x1.13e74c58cada8p-56};
constexpr Pair<double> gelu_tanh_zero = {-0x1.81429f9e97e4dp-1, 0x1.3ce60c9e3b279p-55};
constexpr Pair<double> mish_zero = {-0x1.31432c0d12d84p+0, -0x1.bf319154da210p-55};
constexpr Pair<double> ln_2 = {0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56};
constexpr Pair<double> one_over_root_2pi = {0x1.9884533d43651p-2, -0x1.cbc0d30ebfd15p-56};
constexpr Pair<double> root_2_over_pi = {0x1.9884533d43651p-1, -0x1.cbc0d30ebfd15p-55};
constexpr Pair<double> two_thirds = {0x1.5555555555555p-1, 0x1.5555555555555p-55};
constexpr Pair<double> two_over_pi = {0x1.45f306dc9c883p-1, -0x1.6b01ec5417056p-55};
constexpr double log2_e = 0x1.71547652b82fep+0;
// Parts of π/2, short enough that their product with an integer below 2^20 is exact.
constexpr double half_pi[] = {0x1.921fb54400000p+0, 0x1.0b4611a600000p-34, 0x1.3198a2e000000p-69, 0x1.b839a252049c1p-104};
constexpr Pair<double> half_pi_pair = {0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54};
// The binary digits of 2/π, after so many zeros.
constexpr int two_over_pi_zeros = 128;
constexpr std::uint64_t two_over_pi_bits[] = {0, 0, 0xa2f9836e4e441529, 0xfc2757d1f534ddc0, 0xdb6295993c439041, 0xfe5163abdebbc561, 0xb7246e3a424dd2e0, 0x6492eea09d1921c, 0xfe1deb1cb129a73e, 0xe88235f52ebb4484, 0xe99c7026b45f7e41, 0x3991d639835339f4, 0x9c845f8bbdf9283b, 0x1ff897ffde05980f, 0xef2f118b5a0a6d1f, 0x6d367ecf27cb09b7, 0x4f463f669e5fea2d, 0x7527bac7ebe5f17b, 0x3d0739f78a5292ea, 0x6bfb5fb11f8d5d08, 0x56033046fc7b6bab, 0xf0cfbc209af4361d, 0xa9e391615ee61b08, 0x6599855f14a06840, 0x8dffd8804d732731, 0x6061556ca73a8c9};

}  // namespace RHEOBASE_TARGET

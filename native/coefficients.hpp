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

// Floats for single/; a name with two of them is a pair.
struct Single {
  static constexpr float log2_e = 0x1.7154760000000p+0f;
  static constexpr float ln_2[2] = {0x1.62e4300000000p-1f, -0x1.05c6100000000p-29f};
  static constexpr float quick[2] = {0x1.b3b6460000000p+0f, -0x1.78d4fe0000000p-26f};
  static constexpr float third[2] = {0x1.5555560000000p-2f, -0x1.5555560000000p-27f};
  static constexpr float two_thirds[2] = {0x1.5555560000000p-1f, -0x1.5555560000000p-26f};
  static constexpr float four_thirds[2] = {0x1.5555560000000p+0f, -0x1.5555560000000p-25f};
  static constexpr float lecun[2] = {0x1.b745380000000p+0f, 0x1.de69ae0000000p-25f};
  static constexpr float lecun_linear[2] = {0x1.24d8d00000000p+0f, 0x1.3ef11e0000000p-25f};
  static constexpr float lecun_slope[2] = {0x1.24d8d00000000p+2f, 0x1.3ef11e0000000p-23f};
  static constexpr float gelu_tanh_linear[2] = {0x1.9884540000000p+0f, -0x1.8579360000000p-25f};
  static constexpr float gelu_tanh_cubic[2] = {0x1.2444f20000000p-4f, 0x1.49b16a0000000p-29f};
  // (e^r - 1 - r) / r², |r| <= ln(2)/32
  static constexpr float exponential[] = {0x1.0000000000000p-1f, 0x1.55570c0000000p-3f, 0x1.5556880000000p-5f};  // error 2^-31.5
  // (tanh x - x) / x³ in x², x <= 1/8
  static constexpr float tanh[] = {-0x1.5555540000000p-2f, 0x1.110df40000000p-3f, -0x1.b4c1860000000p-5f};  // error 2^-33.7
  // (1.7159 tanh(2x/3) - 1.7159·2x/3) / x³ in x², x <= 3/16
  static constexpr float lecun_cubic[] = {-0x1.5b13ec0000000p-3f, 0x1.ed99900000000p-6f, -0x1.5ee61c0000000p-8f};  // error 2^-32.3
  // (lisht'(x) - 2x) / x³ in x², x <= 1/8
  static constexpr float lisht_slope[] = {-0x1.5555520000000p+0f, 0x1.9991d60000000p-1f, -0x1.b36df60000000p-2f};  // error 2^-30.4
  // ((x - tanh x) / x³ - 1/3) / x² in x², x <= 1/2
  static constexpr float shrunk_tanh[] = {-0x1.11110e0000000p-3f, 0x1.ba18780000000p-5f, -0x1.65d9540000000p-6f, 0x1.1ad2c60000000p-7f, -0x1.6105f40000000p-9f};  // error 2^-29.9
  // 2^(j/16) less j·2^19 in its bits, and what the float lost, relative to it
  alignas(64) static constexpr float powers[16] = {0x1.0000000000000p+0f, 0x1.fb55860000000p-1f, 0x1.f72b840000000p-1f, 0x1.f387a60000000p-1f, 0x1.f06fe00000000p-1f, 0x1.edea640000000p-1f, 0x1.ebfdae0000000p-1f, 0x1.eab07e0000000p-1f, 0x1.ea09e60000000p-1f, 0x1.ea11480000000p-1f, 0x1.eace540000000p-1f, 0x1.ec49180000000p-1f, 0x1.ee89fa0000000p-1f, 0x1.f199be0000000p-1f, 0x1.f5818e0000000p-1f, 0x1.fa4afa0000000p-1f};
  alignas(64) static constexpr float powers_tail[16] = {0x0.0p+0f, 0x1.8d96d40000000p-25f, -0x1.9c0c220000000p-27f, 0x1.9649040000000p-25f, 0x1.1250020000000p-25f, 0x1.370be40000000p-25f, -0x1.0a35500000000p-25f, -0x1.00d8ac0000000p-27f, 0x1.26055c0000000p-26f, -0x1.05cb440000000p-25f, 0x1.67a1ca0000000p-28f, 0x1.a3b5e40000000p-28f, -0x1.f9c3040000000p-27f, -0x1.6961b40000000p-28f, -0x1.a5217c0000000p-28f, 0x1.61428e0000000p-28f};
  // log(1 + n)/n about k/15; relative error 2^-31.1
  alignas(64) static constexpr float log1p_centre[16] = {0x1.2400fc0000000p-6f, 0x1.1a8ac60000000p-4f, 0x1.0d76520000000p-3f, 0x1.97aa260000000p-3f, 0x1.112ad80000000p-2f, 0x1.53ad880000000p-2f, 0x1.98785e0000000p-2f, 0x1.ded9f60000000p-2f, 0x1.1088500000000p-1f, 0x1.33beca0000000p-1f, 0x1.562a1c0000000p-1f, 0x1.7670e20000000p-1f, 0x1.98e2520000000p-1f, 0x1.bd00220000000p-1f, 0x1.dea3920000000p-1f, 0x1.f80f4a0000000p-1f};
  alignas(64) static constexpr float log1p[5][16] = {{0x1.fb7dae0000000p-1f, 0x1.ef1d060000000p-1f, 0x1.e102020000000p-1f, 0x1.d2eec20000000p-1f, 0x1.c5d9200000000p-1f, 0x1.ba291e0000000p-1f, 0x1.aedd200000000p-1f, 0x1.a40cfe0000000p-1f, 0x1.9a7ef00000000p-1f, 0x1.90ed0a0000000p-1f, 0x1.881b620000000p-1f, 0x1.8046540000000p-1f, 0x1.78580a0000000p-1f, 0x1.7076320000000p-1f, 0x1.697ca80000000p-1f, 0x1.646ef60000000p-1f}, {-0x1.f412940000000p-2f, -0x1.d450280000000p-2f, -0x1.b1d5740000000p-2f, -0x1.91315a0000000p-2f, -0x1.7461500000000p-2f, -0x1.5bda900000000p-2f, -0x1.4533c40000000p-2f, -0x1.30776c0000000p-2f, -0x1.1ee4e60000000p-2f, -0x1.0dfbc00000000p-2f, -0x1.fdfe540000000p-3f, -0x1.e450580000000p-3f, -0x1.cb31b80000000p-3f, -0x1.b317960000000p-3f, -0x1.9e78260000000p-3f, -0x1.8fef0a0000000p-3f}, {0x1.4806ca0000000p-2f, 0x1.25b0300000000p-2f, 0x1.023c860000000p-2f, 0x1.c4e7fe0000000p-3f, 0x1.8fb9240000000p-3f, 0x1.64a78a0000000p-3f, 0x1.3eb4f40000000p-3f, 0x1.1d888a0000000p-3f, 0x1.029c820000000p-3f, 0x1.d37fe20000000p-4f, 0x1.a92d180000000p-4f, 0x1.863ce20000000p-4f, 0x1.6541f80000000p-4f, 0x1.46bdce0000000p-4f, 0x1.2d85080000000p-4f, 0x1.1c3dfa0000000p-4f}, {-0x1.e3e7c60000000p-3f, -0x1.9dc7fe0000000p-3f, -0x1.58b4780000000p-3f, -0x1.1e12360000000p-3f, -0x1.df4df00000000p-4f, -0x1.97d34a0000000p-4f, -0x1.5bbbd00000000p-4f, -0x1.29c4cc0000000p-4f, -0x1.02e0aa0000000p-4f, -0x1.c0e8060000000p-5f, -0x1.8896900000000p-5f, -0x1.5bd06a0000000p-5f, -0x1.3319180000000p-5f, -0x1.0ed6d40000000p-5f, -0x1.e3d24e0000000p-6f, -0x1.bd3b380000000p-6f}, {0x1.7e3de40000000p-3f, 0x1.393da00000000p-3f, 0x1.e723b40000000p-4f, 0x1.7ee5ca0000000p-4f, 0x1.31889a0000000p-4f, 0x1.edaef60000000p-5f, 0x1.909a220000000p-5f, 0x1.49a0ba0000000p-5f, 0x1.123b920000000p-5f, 0x1.c7932a0000000p-6f, 0x1.8012080000000p-6f, 0x1.4625520000000p-6f, 0x1.15ad900000000p-6f, 0x1.db44040000000p-7f, 0x1.9b3b6a0000000p-7f, 0x1.6a9a920000000p-7f}};
  // Φ(-z) e^(z²/2), z from 0 to 15; relative error 2^-27.5
  alignas(64) static constexpr float mills_centre[16] = {0x1.3c8e8a0000000p+0f, 0x1.bc8b440000000p+0f, 0x1.21b5740000000p+1f, 0x1.615fd80000000p+1f, 0x1.bf4fe00000000p+1f, 0x1.205cfa0000000p+2f, 0x1.5efb160000000p+2f, 0x1.9fa0fa0000000p+2f, 0x1.0121960000000p+3f, 0x1.3fe0760000000p+3f, 0x1.812b020000000p+3f, 0x1.bf32620000000p+3f, 0x1.0ca2340000000p-3f, 0x1.8113400000000p-2f, 0x1.3c7bb20000000p-1f, 0x1.bf17580000000p-1f};
  alignas(64) static constexpr float mills[7][16] = {{0x1.dba8700000000p-3f, 0x1.7d6eae0000000p-3f, 0x1.393ae80000000p-3f, 0x1.0adc000000000p-3f, 0x1.b42dd80000000p-4f, 0x1.5af3d00000000p-4f, 0x1.20e98a0000000p-4f, 0x1.ec119c0000000p-5f, 0x1.90b1540000000p-5f, 0x1.43c2d80000000p-5f, 0x1.0daea00000000p-5f, 0x1.d15b220000000p-6f, 0x1.ce87d00000000p-2f, 0x1.8470700000000p-2f, 0x1.4c81900000000p-2f, 0x1.1ec3f60000000p-2f}, {-0x1.c9b7ca0000000p-4f, -0x1.355a600000000p-4f, -0x1.b056760000000p-5f, -0x1.4138740000000p-5f, -0x1.b7241a0000000p-6f, -0x1.1b406e0000000p-6f, -0x1.8d355a0000000p-7f, -0x1.222af00000000p-7f, -0x1.836f180000000p-8f, -0x1.fc54300000000p-9f, -0x1.61b3180000000p-9f, -0x1.07bc0a0000000p-9f, -0x1.5bd8ec0000000p-2f, -0x1.0671c00000000p-2f, -0x1.95f8100000000p-3f, -0x1.3c36560000000p-3f}, {0x1.8153220000000p-5f, 0x1.c3589a0000000p-6f, 0x1.12638a0000000p-6f, 0x1.6943980000000p-7f, 0x1.a42ab20000000p-8f, 0x1.be47640000000p-9f, 0x1.09f47e0000000p-9f, 0x1.4f78980000000p-10f, 0x1.7180120000000p-11f, 0x1.8b62d20000000p-12f, 0x1.ccdfd60000000p-13f, 0x1.2978e20000000p-13f, 0x1.a0e7600000000p-3f, 0x1.21bf3c0000000p-3f, 0x1.9e11f60000000p-4f, 0x1.2968100000000p-4f}, {-0x1.24a1c80000000p-6f, -0x1.2e6ec80000000p-7f, -0x1.44d8f20000000p-8f, -0x1.7f5c3c0000000p-9f, -0x1.8046860000000p-10f, -0x1.5448640000000p-11f, -0x1.5b7e2a0000000p-12f, -0x1.7c9b3a0000000p-13f, -0x1.5bb69a0000000p-14f, -0x1.30c3660000000p-15f, -0x1.2a54640000000p-16f, -0x1.4de9380000000p-17f, -0x1.ab55240000000p-4f, -0x1.1548540000000p-4f, -0x1.72a60e0000000p-5f, -0x1.f0f4940000000p-6f}, {0x1.98d6a40000000p-8f, 0x1.7999f20000000p-9f, 0x1.6a42180000000p-10f, 0x1.82aa740000000p-11f, 0x1.519b0a0000000p-12f, 0x1.f797a40000000p-14f, 0x1.bbbc880000000p-15f, 0x1.a825500000000p-16f, 0x1.42fb3c0000000p-17f, 0x1.d1bde20000000p-19f, 0x1.7fcedc0000000p-20f, 0x1.7515520000000p-21f, 0x1.84e3360000000p-5f, 0x1.db3c8e0000000p-6f, 0x1.2b73c60000000p-6f, 0x1.79d99a0000000p-7f}, {-0x1.0c8c120000000p-9f, -0x1.bd8e5e0000000p-11f, -0x1.819ab60000000p-12f, -0x1.77c94e0000000p-13f, -0x1.2329fc0000000p-14f, -0x1.6f4c7c0000000p-16f, -0x1.1892aa0000000p-17f, -0x1.d213620000000p-19f, -0x1.2f45e20000000p-20f, -0x1.6610040000000p-22f, -0x1.f128880000000p-24f, -0x1.a001ec0000000p-25f, -0x1.439e120000000p-6f, -0x1.7654000000000p-7f, -0x1.c1c22e0000000p-8f, -0x1.0b54760000000p-8f}, {0x1.4138300000000p-11f, 0x1.dc7bae0000000p-13f, 0x1.8fe5860000000p-14f, 0x1.5b22660000000p-15f, 0x1.da4d520000000p-17f, 0x1.0350300000000p-18f, 0x1.55ea6e0000000p-20f, 0x1.f3abbc0000000p-22f, 0x1.1a4da60000000p-23f, 0x1.0d1d200000000p-25f, 0x1.3dd8180000000p-27f, 0x1.bef1ae0000000p-29f, 0x1.e574ca0000000p-8f, 0x1.0bb0d80000000p-8f, 0x1.4f55c40000000p-9f, 0x1.5a044a0000000p-10f}};
  // Φ(-z) e^(z²/2) - z/√(2π), z from 0 to 15; relative error 2^-21.4
  alignas(64) static constexpr float gelu_ratio_centre[16] = {0x1.3ebee00000000p+0f, 0x1.c0b9240000000p+0f, 0x1.1ff3b60000000p+1f, 0x1.5e32620000000p+1f, 0x1.c3559c0000000p+1f, 0x1.21a5e40000000p+2f, 0x1.613c9e0000000p+2f, 0x1.a124740000000p+2f, 0x1.fdb3d00000000p+2f, 0x1.3e7cee0000000p+3f, 0x1.80cfaa0000000p+3f, 0x1.c02b020000000p+3f, 0x1.065c920000000p-3f, 0x1.86703a0000000p-2f, 0x1.43c5d60000000p-1f, 0x1.be2f840000000p-1f};
  alignas(64) static constexpr float gelu_ratio[7][16] = {{-0x1.0fca500000000p-2f, -0x1.074c7c0000000p-1f, -0x1.7cd32c0000000p-1f, -0x1.eb9dd40000000p-1f, -0x1.4d10ca0000000p+0f, -0x1.b89d860000000p+0f, -0x1.10de380000000p+1f, -0x1.452b6c0000000p+1f, -0x1.905e540000000p+1f, -0x1.f727260000000p+1f, -0x1.30ed140000000p+2f, -0x1.63c5be0000000p+2f, 0x1.9b43a20000000p-2f, 0x1.ce9ccc0000000p-3f, 0x1.1d36ee0000000p-4f, -0x1.13d6480000000p-4f}, {-0x1.0510380000000p-1f, -0x1.e4f10e0000000p-2f, -0x1.cf08620000000p-2f, -0x1.c13c4e0000000p-2f, -0x1.b38e140000000p-2f, -0x1.aa14b80000000p-2f, -0x1.a4c8d00000000p-2f, -0x1.a185e20000000p-2f, -0x1.9eacb80000000p-2f, -0x1.9c859e0000000p-2f, -0x1.9b49020000000p-2f, -0x1.9a918c0000000p-2f, -0x1.7ad2700000000p-1f, -0x1.4eb9840000000p-1f, -0x1.304a740000000p-1f, -0x1.1b71740000000p-1f}, {0x1.7d98060000000p-5f, 0x1.bc03f00000000p-6f, 0x1.15c22c0000000p-6f, 0x1.707dfe0000000p-7f, 0x1.9b3bbe0000000p-8f, 0x1.b9319a0000000p-9f, 0x1.0569c20000000p-9f, 0x1.4c1d8e0000000p-10f, 0x1.7af1ea0000000p-11f, 0x1.90630e0000000p-12f, 0x1.ce21420000000p-13f, 0x1.2793d40000000p-13f, 0x1.a2df520000000p-3f, 0x1.1f941a0000000p-3f, 0x1.963ea60000000p-4f, 0x1.2a111c0000000p-4f}, {-0x1.212ec80000000p-6f, -0x1.285b800000000p-7f, -0x1.49dd720000000p-8f, -0x1.8919a00000000p-9f, -0x1.75dd1a0000000p-10f, -0x1.4f4e480000000p-11f, -0x1.53e1de0000000p-12f, -0x1.7737520000000p-13f, -0x1.67a99c0000000p-14f, -0x1.35d4d00000000p-15f, -0x1.2c053e0000000p-16f, -0x1.4a0f0e0000000p-17f, -0x1.adb5560000000p-4f, -0x1.12d52e0000000p-4f, -0x1.6a450e0000000p-5f, -0x1.f233520000000p-6f}, {0x1.9339480000000p-8f, 0x1.708aec0000000p-9f, 0x1.70f1860000000p-10f, 0x1.8e64960000000p-11f, 0x1.465ea00000000p-12f, 0x1.ee39020000000p-14f, 0x1.af2b500000000p-15f, 0x1.a398340000000p-16f, 0x1.514e080000000p-17f, 0x1.db90e00000000p-19f, 0x1.7ed1800000000p-20f, 0x1.72ecca0000000p-21f, 0x1.87668a0000000p-5f, 0x1.d5ff680000000p-6f, 0x1.2375980000000p-6f, 0x1.7a99500000000p-7f}, {-0x1.0666640000000p-9f, -0x1.af09fc0000000p-11f, -0x1.89de240000000p-12f, -0x1.85d9880000000p-13f, -0x1.1707260000000p-14f, -0x1.6465600000000p-16f, -0x1.05e31e0000000p-17f, -0x1.0badf40000000p-18f, -0x1.35063a0000000p-20f, -0x1.7273a60000000p-22f, -0x1.80f24c0000000p-24f, -0x1.2c4bb80000000p-24f, -0x1.48655a0000000p-6f, -0x1.67e90e0000000p-7f, -0x1.a5db9a0000000p-8f, -0x1.1db1960000000p-8f}, {0x1.38b5920000000p-11f, 0x1.ec1e7c0000000p-13f, 0x1.8ff1180000000p-14f, 0x1.72c7800000000p-15f, 0x1.de84c40000000p-17f, 0x1.10f9c00000000p-18f, 0x1.8949920000000p-20f, 0x1.affd320000000p-33f, 0x1.fcf2240000000p-24f, 0x1.1280a00000000p-25f, 0x1.2fd9e60000000p-26f, 0x1.fac5380000000p-31f, 0x1.d638f20000000p-8f, 0x1.5ef2a60000000p-8f, 0x1.9ad6c60000000p-9f, 0x1.0b24ca0000000p-9f}};
  // slope(zero + d) / d, |d| <= 1/8: the constant as a pair and the other coefficients
  static constexpr float silu_zero[2] = {-0x1.4749740000000p+0f, 0x1.bdf6fa0000000p-27f};
  static constexpr float silu[] = {0x1.be13fe0000000p-3f, 0x1.2460560000000p-23f, 0x1.2c56340000000p-3f, 0x1.353eb60000000p-6f, -0x1.f2c8ba0000000p-7f, -0x1.b0f99e0000000p-8f, 0x1.7116320000000p-16f, 0x1.a4256a0000000p-11f, 0x1.d664480000000p-9f};  // error 2^-31.9
  static constexpr float gelu_zero[2] = {-0x1.80ead20000000p-1f, 0x1.a03fd40000000p-27f};
  static constexpr float gelu[] = {0x1.b9d98c0000000p-2f, 0x1.d2d2640000000p-25f, 0x1.8d9a940000000p-2f, -0x1.2a2efa0000000p-6f, -0x1.d2f99c0000000p-4f, -0x1.e4074a0000000p-7f, 0x1.3d0c1c0000000p-6f, 0x1.282dcc0000000p-8f, 0x1.0bfb760000000p-14f};  // error 2^-33.4
  static constexpr float gelu_tanh_zero[2] = {-0x1.8142a00000000p-1f, 0x1.85a06c0000000p-27f};
  static constexpr float gelu_tanh[] = {0x1.b8babe0000000p-2f, 0x1.e593180000000p-23f, 0x1.8cd1a20000000p-2f, -0x1.0296160000000p-6f, -0x1.d2b3560000000p-4f, -0x1.1049f00000000p-6f, 0x1.3b8ef80000000p-6f, 0x1.5748960000000p-8f, 0x1.72dc200000000p-7f};  // error 2^-30.8
  static constexpr float mish_zero[2] = {-0x1.31432c0000000p+0f, -0x1.a25b080000000p-29f};
  static constexpr float mish[] = {0x1.115aba0000000p-2f, 0x1.1424f80000000p-22f, 0x1.a34a260000000p-3f, 0x1.574f120000000p-5f, -0x1.4c2c980000000p-6f, -0x1.03369e0000000p-6f, -0x1.9583460000000p-9f, 0x1.1f9d5a0000000p-10f, -0x1.f827a60000000p-8f};  // error 2^-30.8
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

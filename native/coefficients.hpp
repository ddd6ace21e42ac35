// Written by tools/coefficients.py.
#pragma once

namespace RHEOBASE_TARGET {

// Polynomials in double arithmetic, as exact as a result of type T needs; lowest power first.
template <class T> struct Polynomials;

template <> struct Polynomials<float> {
  // (e^r - 1 - r) / r², |r| <= ln(2)/2
  static constexpr double exponential[] = {0x1.00000028ba2a7p-1, 0x1.555555745a84dp-3, 0x1.5554ac2f03635p-5, 0x1.1110b06ff9093p-7, 0x1.6d75ea07736c3p-10, 0x1.a171ecaddd95fp-13};  // error 2^-32.0
  // (2 atanh(s)/s - 2) / s² in s², |s| <= 3 - √8
  static constexpr double logarithm[] = {0x1.555554fb1e634p-1, 0x1.999a7e2c4a8a4p-2, 0x1.24380acfee897p-2, 0x1.e3127ade26f9cp-3};  // error 2^-36.5
  // (z + 1) e^(z²/2) Φ(-z) in t = (z - 6) / (z + 6), z from 0 to 14.5 (float), 39 (double)
  static constexpr double mills[] = {0x1.d0568f5694238p-2, -0x1.5c43921dd7430p-4, 0x1.4622becc915dbp-5, -0x1.1e8d687761145p-8, -0x1.087acd427f022p-6, 0x1.71e3204aefd15p-6, -0x1.43f38b6b33a9ep-6, 0x1.b5831f3c97896p-7, -0x1.c547b1f679a02p-8, 0x1.6aa8899696e42p-9, -0x1.656322268bbb0p-10, -0x1.d810e52013603p-13};  // error 2^-30.0
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
  // (z + 1) e^(z²/2) Φ(-z) in t = (z - 6) / (z + 6), z from 0 to 14.5 (float), 39 (double)
  static constexpr double mills[] = {0x1.d0568f5d76666p-2, -0x1.5c438de6f0fe5p-4, 0x1.46229bd016fd9p-5, -0x1.1e9d4130ed9abp-8, -0x1.08766e432bd1fp-6, 0x1.7227accaf322cp-6, -0x1.43da9f73bba41p-6, 0x1.b212c02771db2p-7, -0x1.ceac1d82620b3p-8, 0x1.80c84108669e3p-9, -0x1.c79a7e8d75405p-11, 0x1.f52ced914d1d2p-14, 0x1.3d0c46d1ae048p-15, -0x1.ba21213f0e74dp-16, 0x1.2814c37310dc1p-18, 0x1.de85430733b2cp-20, -0x1.0c1f4f50fc9b1p-20, 0x1.ea220f2ccb367p-30, 0x1.1af4fc3b831c5p-23, -0x1.85c2074fb801fp-26, -0x1.0e2c03409096dp-26, 0x1.48b66e7506461p-28, 0x1.204fbb97412f3p-29, -0x1.27c024d12717fp-31, -0x1.33d46761faf98p-32, -0x1.63a8b49a79620p-36};  // error 2^-56.1
  // (sin(r)/r - 1) / r² in r², |r| <= π/4
  static constexpr double sine[] = {-0x1.5555555555555p-3, 0x1.111111111110bp-7, -0x1.a01a01a018a6ap-13, 0x1.71de3a5330751p-19, -0x1.ae64528d565bep-26, 0x1.61208c15ebc65p-33, -0x1.aaa21e101f27fp-41};  // error 2^-57.3
  // (cos r - 1 + r²/2) / r⁴ in r², |r| <= π/4
  static constexpr double cosine[] = {0x1.555555555554bp-5, -0x1.6c16c16c1504ep-10, 0x1.a01a019c96bb5p-16, -0x1.27e4f7f7c6c21p-22, 0x1.1ee9e040a6796p-29, -0x1.8fa8d9cf2098dp-37};  // error 2^-62.9
  // (x - tanh x) / x³ in x², |x| <= 0.75
  static constexpr double shrunk_tanh[] = {0x1.5555555555555p-2, -0x1.1111111111103p-3, 0x1.ba1ba1ba1a0efp-5, -0x1.664f488230458p-6, 0x1.226e354335ad0p-7, -0x1.d6d3cabc9fab0p-9, 0x1.7da2f0e80f2ffp-10, -0x1.35525d61406aap-11, 0x1.f5158281994c5p-13, -0x1.93e3e21b5d673p-14, 0x1.3d92581790a08p-15, -0x1.c8b67f2f2a138p-17, 0x1.01a7f262870ffp-18, -0x1.422fbc100171dp-21};  // error 2^-55.6
};

constexpr double mills_shift = 1, mills_centre = 6;

struct Narrow {
  // (e^r - 1 - r) / r² in float arithmetic
  static constexpr float exponential[] = {0x1.0000000000000p-1f, 0x1.5555560000000p-3f, 0x1.5554f00000000p-5f, 0x1.110fe20000000p-7f, 0x1.6d438c0000000p-10f, 0x1.a28f220000000p-13f};  // error 2^-31.0
};

constexpr Pair<double> ln_2 = {0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56};
constexpr Pair<double> one_over_root_2pi = {0x1.9884533d43651p-2, -0x1.cbc0d30ebfd15p-56};
constexpr Pair<double> root_2_over_pi = {0x1.9884533d43651p-1, -0x1.cbc0d30ebfd15p-55};
constexpr Pair<double> two_thirds = {0x1.5555555555555p-1, 0x1.5555555555555p-55};
constexpr double log2_e = 0x1.71547652b82fep+0, two_over_pi = 0x1.45f306dc9c883p-1;
// Parts of π/2, short enough that their product with an integer below 2^20 is exact.
constexpr double half_pi[] = {0x1.921fb54400000p+0, 0x1.0b4611a600000p-34, 0x1.3198a2e000000p-69, 0x1.b839a252049c1p-104};

}  // namespace RHEOBASE_TARGET

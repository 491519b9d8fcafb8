// SPDX-License-Identifier: Apache-2.0
// Filter expressions made at random, the same ones for the same seed: parts of
// pcap-filter(7)'s grammar put together, arithmetic on packets' bytes above all.
#pragma once

#include <random>
#include <string>

namespace tcptrace::test {

class RandomFilter {
public:
    explicit RandomFilter(std::uint32_t seed) : random_(seed) {}
    // libpcap may still refuse it (a division by 0, a contradiction).
    [[nodiscard]] std::string next();

private:
    unsigned below(unsigned limit);
    template <typename Words>
    const char *one_of(const Words &words);
    std::string primitive();
    std::string comparison();
    std::string number(int depth);
    std::string bytes(int depth);

    std::mt19937 random_;
};

} // namespace tcptrace::test

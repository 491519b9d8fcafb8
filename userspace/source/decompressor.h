// SPDX-License-Identifier: Apache-2.0
// gzip, zstd and xz as streams, told by their first bytes, never by a file's name. Memory
// stays bounded whatever the data asks for.
//
// Not here: archives (tar, zip), bzip2, lz4. One layer is taken off, not two.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace tcptrace {

class Decompressor {
public:
    enum class Outcome {
        More,      // wants more input, or more room
        MemberEnd, // what began is whole; another may follow (gzip members, zstd frames)
        Damaged,
    };
    struct Step {
        std::size_t taken = 0; // of the input
        std::size_t made = 0;  // of the output; also before damage
        Outcome outcome = Outcome::More;
        std::string reason{}; // why it is damaged
    };

    virtual ~Decompressor() = default;
    [[nodiscard]] virtual Step step(std::span<const std::uint8_t> from,
                                    std::span<std::uint8_t> to) = 0;
    [[nodiscard]] virtual std::string_view name() const = 0; // "gzip"
};

// Bytes of a beginning that are enough to tell.
inline constexpr std::size_t magic_max = 6;

// What reads data that begins so; nullptr for data that is not compressed, as far as known.
[[nodiscard]] std::unique_ptr<Decompressor> decompressor_for(std::span<const std::uint8_t> begin);

} // namespace tcptrace

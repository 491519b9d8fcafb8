// SPDX-License-Identifier: Apache-2.0
// The bytes of a capture, from a file, a pipe or standard input, unpacked if they are
// compressed, as a stream that libpcap reads. Signals do not look like damage, and a slow
// pipe is not held back: a read returns what there is.
#pragma once

#include "core/result.h"
#include "core/unique_fd.h"
#include "source/decompressor.h"

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <span>
#include <string>

namespace tcptrace {

class CaptureStream {
public:
    // `path`: "-" is standard input. `name` is for messages.
    [[nodiscard]] static Result<std::unique_ptr<CaptureStream>> open(const std::string &path,
                                                                     const std::string &name);

    // For libpcap, which closes it; reads through *this, which has to live longer.
    [[nodiscard]] std::FILE *as_file();
    // Bytes read, 0 at the end or when a signal asks to stop, -1 with errno and reason().
    [[nodiscard]] ssize_t read(std::span<std::uint8_t> to);
    // Why a read failed, where it is not the system's reason; else empty.
    [[nodiscard]] const std::string &reason() const { return reason_; }
    // Its end is not written yet, maybe: a pipe, a terminal.
    [[nodiscard]] bool waits() const { return waits_; }

private:
    explicit CaptureStream(UniqueFd fd);
    [[nodiscard]] ssize_t read_raw(std::span<std::uint8_t> to);
    [[nodiscard]] ssize_t unpack(std::span<std::uint8_t> to);
    void look_at_beginning();
    [[nodiscard]] ssize_t give_up(std::string_view why);

    UniqueFd fd_;
    bool waits_ = false;
    std::array<std::uint8_t, 1U << 16> buffer_{};
    std::span<const std::uint8_t> ahead_; // of buffer_: read and not given on
    std::unique_ptr<Decompressor> decompressor_;
    bool whole_ = true;           // what was unpacked ended where it had to
    bool output_is_left_ = false; // the decompressor has more than there was room for
    std::string reason_;
};

} // namespace tcptrace

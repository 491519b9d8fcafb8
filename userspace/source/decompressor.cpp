// SPDX-License-Identifier: Apache-2.0
#include "source/decompressor.h"

#define ZLIB_CONST // next_in points to what is not written
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <limits>
#include <new>

namespace tcptrace {

namespace {

unsigned to_unsigned(std::size_t size)
{
    return static_cast<unsigned>(std::min<std::size_t>(size, std::numeric_limits<unsigned>::max()));
}

class Gzip final : public Decompressor {
public:
    Gzip()
    {
        constexpr int gzip_header_only = 16 + MAX_WBITS;
        if (inflateInit2(&stream_, gzip_header_only) != Z_OK)
            throw std::bad_alloc();
    }
    Gzip(const Gzip &) = delete;
    Gzip &operator=(const Gzip &) = delete;
    ~Gzip() override { inflateEnd(&stream_); }

    Step step(std::span<const std::uint8_t> from, std::span<std::uint8_t> to) override
    {
        const unsigned offered = to_unsigned(from.size());
        const unsigned room = to_unsigned(to.size());

        stream_.next_in = from.data();
        stream_.avail_in = offered;
        stream_.next_out = to.data();
        stream_.avail_out = room;
        const int result = inflate(&stream_, Z_NO_FLUSH);
        Step step{.taken = offered - stream_.avail_in, .made = room - stream_.avail_out};
        if (result == Z_STREAM_END) {
            step.outcome = Outcome::MemberEnd;
            inflateReset(&stream_);
        } else if (result != Z_OK && result != Z_BUF_ERROR) {
            step.outcome = Outcome::Damaged;
            step.reason = stream_.msg ? stream_.msg : zError(result);
        }
        return step;
    }
    std::string_view name() const override { return "gzip"; }

private:
    z_stream stream_{};
};

// Windows beyond 128 MiB (zstd --long=28 and up) are refused by libzstd itself.
class Zstd final : public Decompressor {
public:
    Zstd() : stream_(ZSTD_createDStream(), ZSTD_freeDStream)
    {
        if (!stream_)
            throw std::bad_alloc();
    }

    Step step(std::span<const std::uint8_t> from, std::span<std::uint8_t> to) override
    {
        ZSTD_inBuffer in{.src = from.data(), .size = from.size(), .pos = 0};
        ZSTD_outBuffer out{.dst = to.data(), .size = to.size(), .pos = 0};
        const std::size_t result = ZSTD_decompressStream(stream_.get(), &out, &in);

        Step step{.taken = in.pos, .made = out.pos};
        if (ZSTD_isError(result)) {
            step.outcome = Outcome::Damaged;
            step.reason = ZSTD_getErrorName(result);
        } else if (result == 0) {
            step.outcome = Outcome::MemberEnd;
        }
        return step;
    }
    std::string_view name() const override { return "zstd"; }

private:
    std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream_;
};

class Xz final : public Decompressor {
public:
    Xz() { begin(); }
    Xz(const Xz &) = delete;
    Xz &operator=(const Xz &) = delete;
    ~Xz() override { lzma_end(&stream_); }

    Step step(std::span<const std::uint8_t> from, std::span<std::uint8_t> to) override
    {
        stream_.next_in = from.data();
        stream_.avail_in = from.size();
        stream_.next_out = to.data();
        stream_.avail_out = to.size();
        const lzma_ret result = lzma_code(&stream_, LZMA_RUN);
        Step step{.taken = from.size() - stream_.avail_in, .made = to.size() - stream_.avail_out};
        if (result == LZMA_STREAM_END) {
            step.outcome = Outcome::MemberEnd;
            begin();
        } else if (result != LZMA_OK && result != LZMA_BUF_ERROR) {
            step.outcome = Outcome::Damaged;
            step.reason = reason_of(result);
        }
        return step;
    }
    std::string_view name() const override { return "xz"; }

private:
    // Twice what `xz -9` needs to be unpacked (xz(1), 65 MiB).
    static constexpr std::uint64_t memory_max = 128ULL << 20;

    void begin()
    {
        if (lzma_stream_decoder(&stream_, memory_max, 0) != LZMA_OK)
            throw std::bad_alloc();
    }
    static std::string reason_of(lzma_ret result)
    {
        switch (result) {
        case LZMA_MEMLIMIT_ERROR:
            return "it needs more than 128 MiB of memory";
        case LZMA_FORMAT_ERROR:
            return "what follows is not xz";
        case LZMA_OPTIONS_ERROR:
            return "it uses features that are not supported";
        default:
            return "data error";
        }
    }

    lzma_stream stream_ = LZMA_STREAM_INIT;
};

bool begins_with(std::span<const std::uint8_t> bytes, std::span<const std::uint8_t> magic)
{
    return bytes.size() >= magic.size() && std::ranges::equal(bytes.first(magic.size()), magic);
}

} // namespace

std::unique_ptr<Decompressor> decompressor_for(std::span<const std::uint8_t> begin)
{
    constexpr std::array<std::uint8_t, 3> gzip{0x1f, 0x8b, 8};          // RFC 1952 §2.3.1, deflate
    constexpr std::array<std::uint8_t, 4> zstd{0x28, 0xb5, 0x2f, 0xfd}; // RFC 8878 §3.1.1
    constexpr std::array<std::uint8_t, magic_max> xz{0xfd, '7', 'z', 'X', 'Z', 0};

    if (begins_with(begin, gzip))
        return std::make_unique<Gzip>();
    if (begins_with(begin, zstd))
        return std::make_unique<Zstd>();
    if (begins_with(begin, xz))
        return std::make_unique<Xz>();
    return nullptr;
}

} // namespace tcptrace

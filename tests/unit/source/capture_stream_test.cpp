// SPDX-License-Identifier: Apache-2.0
// Bytes through CaptureStream: plain, packed, cut, broken; whole to the last byte there is.
#include "source/capture_stream.h"

#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <sys/mman.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <memory>
#include <string>
#include <vector>

using namespace tcptrace;

namespace {

using Bytes = std::vector<std::uint8_t>;

// Repeats itself, but not so much that it becomes a handful of bytes.
Bytes sample(std::size_t size)
{
    Bytes bytes;
    std::uint32_t state = 1;
    while (bytes.size() < size) {
        state = state * 1664525 + 1013904223;
        bytes.push_back(static_cast<std::uint8_t>(state >> 28));
    }
    return bytes;
}

Bytes gzip(const Bytes &data)
{
    z_stream stream{};
    REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    Bytes packed(deflateBound(&stream, data.size()));
    Bytes copy = data; // zlib's next_in is not const
    stream.next_in = copy.data();
    stream.avail_in = static_cast<unsigned>(copy.size());
    stream.next_out = packed.data();
    stream.avail_out = static_cast<unsigned>(packed.size());
    REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

Bytes zstd(const Bytes &data)
{
    const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(),
                                                                       ZSTD_freeCCtx);
    Bytes packed(ZSTD_compressBound(data.size()));

    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1); // as zstd(1) does
    packed.resize(
        ZSTD_compress2(context.get(), packed.data(), packed.size(), data.data(), data.size()));
    return packed;
}

Bytes xz(const Bytes &data, std::uint32_t preset = 1)
{
    Bytes packed(lzma_stream_buffer_bound(data.size()));
    std::size_t size = 0;
    REQUIRE(lzma_easy_buffer_encode(preset, LZMA_CHECK_CRC32, nullptr, data.data(), data.size(),
                                    packed.data(), &size, packed.size()) == LZMA_OK);
    packed.resize(size);
    return packed;
}

struct Packer {
    const char *name;
    Bytes (*pack)(const Bytes &);
};

const std::array packers{Packer{"gzip", gzip}, Packer{"zstd", zstd},
                         Packer{"xz", [](const Bytes &data) { return xz(data); }}};

Bytes operator+(Bytes a, const Bytes &b)
{
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

struct Unpacked {
    Bytes bytes;
    bool failed = false;
    std::string reason;
};

// What a stream makes of a file with these bytes, read so many at a time.
Unpacked read_all(const Bytes &file, std::size_t at_a_time = 4096)
{
    const UniqueFd fd(memfd_create("capture", MFD_CLOEXEC));
    REQUIRE(::write(fd.get(), file.data(), file.size()) == static_cast<ssize_t>(file.size()));
    const std::string path = "/proc/self/fd/" + std::to_string(fd.get());
    const auto stream = CaptureStream::open(path, "capture");
    REQUIRE(stream);
    Unpacked all;
    Bytes buffer(at_a_time);
    for (;;) {
        const ssize_t got = (*stream)->read(buffer);
        if (got <= 0) {
            all.failed = got < 0;
            all.reason = (*stream)->reason();
            return all;
        }
        all.bytes.insert(all.bytes.end(), buffer.begin(), buffer.begin() + got);
    }
}

} // namespace

TEST_CASE("plain bytes come as they are, however few are asked for")
{
    const Bytes data = sample(200'000);
    CHECK(read_all(data, 7777).bytes == data);
    CHECK(read_all(sample(100), 1).bytes == sample(100));
    CHECK(read_all({}).bytes.empty());
    CHECK_FALSE(read_all({0x1f}).failed);
}

TEST_CASE("packed bytes come unpacked")
{
    const Bytes data = sample(300'000);
    for (const Packer &packer : packers) {
        INFO(packer.name);
        for (const std::size_t at_a_time : {std::size_t{1000}, std::size_t{1} << 16}) {
            const Unpacked all = read_all(packer.pack(data), at_a_time);
            CHECK(all.bytes == data);
            CHECK_FALSE(all.failed);
        }
        CHECK(read_all(packer.pack(sample(500)), 1).bytes == sample(500));
        CHECK_FALSE(read_all(packer.pack({})).failed);
    }
}

TEST_CASE("members stand one behind another, with zeros between them and at the end")
{
    const Bytes first = sample(70'000);
    const Bytes second = sample(10);
    for (const Packer &packer : packers) {
        INFO(packer.name);
        const Unpacked all =
            read_all(packer.pack(first) + Bytes(8) + packer.pack(second) + Bytes(4));
        CHECK(all.bytes == first + second);
        CHECK_FALSE(all.failed);
    }
}

TEST_CASE("of packed bytes that are cut all is given that can be unpacked")
{
    const Bytes data = sample(600'000);
    for (const Packer &packer : packers) {
        INFO(packer.name);
        Bytes cut = packer.pack(data);
        cut.resize(cut.size() * 3 / 4);
        const Unpacked all = read_all(cut);
        CHECK(all.failed);
        CHECK(all.reason == "its " + std::string(packer.name) + " data ends too early");
        CHECK(all.bytes.size() > data.size() / 4);
        CHECK(std::equal(all.bytes.begin(), all.bytes.end(), data.begin()));
    }
}

TEST_CASE("only the last bytes are missing: a checksum, no data")
{
    const Bytes data = sample(3000);
    Bytes cut = gzip(data);
    cut.resize(cut.size() - 7);
    const Unpacked all = read_all(cut);
    CHECK(all.failed);
    CHECK(all.bytes == data);
}

TEST_CASE("broken bytes are told, with the packer's name, and end the stream")
{
    for (const Packer &packer : packers) {
        INFO(packer.name);
        Bytes broken = packer.pack(sample(300'000));
        for (std::size_t at = broken.size() / 2; at < broken.size() / 2 + 64; at++)
            broken[at] ^= 0x5a;
        const Unpacked all = read_all(broken);
        CHECK(all.failed);
        CHECK(all.reason.starts_with("its " + std::string(packer.name) + " data "));
        const Unpacked trailing = read_all(packer.pack(sample(100)) + Bytes{'n', 'o', 'n', 'e'});
        CHECK(trailing.failed);
        CHECK(trailing.bytes == sample(100));
    }
}

TEST_CASE("xz data that asks for much memory is refused")
{
    const Bytes packed = xz(sample(100), 9);
    CHECK_FALSE(read_all(packed).failed); // `xz -9` is common: 64 MiB
    lzma_options_lzma options{};
    lzma_lzma_preset(&options, 0);
    options.dict_size = 1U << 29;
    std::array<lzma_filter, 2> filters{{{.id = LZMA_FILTER_LZMA2, .options = &options},
                                        {.id = LZMA_VLI_UNKNOWN, .options = nullptr}}};
    const Bytes data = sample(100);
    Bytes greedy(1000);
    std::size_t size = 0;
    REQUIRE(lzma_stream_buffer_encode(filters.data(), LZMA_CHECK_NONE, nullptr, data.data(),
                                      data.size(), greedy.data(), &size, greedy.size()) == LZMA_OK);
    greedy.resize(size);
    CHECK(read_all(greedy).reason.ends_with("more than 128 MiB of memory"));
}

// SPDX-License-Identifier: Apache-2.0
#include "source/capture_file.h"

#include "source/link_type.h"

#include <fmt/format.h>
#include <pcap/pcap.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace tcptrace {

void CaptureFile::Close::operator()(pcap *handle) const
{
    pcap_close(handle);
}

namespace {

// Opened by ourselves, so that the reason is the system's and not "fread: Is a directory".
Result<std::FILE *> open_stream(const std::string &path, const std::string &name)
{
    if (path == "-")
        return stdin;
    struct stat status {};
    if (stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode))
        return fail(Status::InputOutput, fmt::format("cannot read {}: it is a directory", name));
    std::FILE *stream = std::fopen(path.c_str(), "rbe");
    if (!stream)
        return fail(Status::InputOutput,
                    fmt::format("cannot open {}: {}", name, std::strerror(errno)));
    return stream;
}

} // namespace

Result<CaptureFile> CaptureFile::open(const std::string &path)
{
    CaptureFile file;
    std::array<char, PCAP_ERRBUF_SIZE> reason{};

    file.name_ = path == "-" ? "standard input" : path;
    const auto stream = open_stream(path, file.name_);
    if (!stream)
        return std::unexpected(stream.error());
    pcap *handle = pcap_fopen_offline_with_tstamp_precision(*stream, PCAP_TSTAMP_PRECISION_NANO,
                                                            reason.data());
    if (!handle) {
        if (*stream != stdin)
            std::fclose(*stream);
        return fail(Status::InputOutput,
                    fmt::format("{} is no capture file that can be read: {}", file.name_,
                                reason.data()));
    }
    file.handle_.reset(handle);
    file.data_link_ = pcap_datalink(handle);
    const auto link = link_of(file.data_link_);
    if (!link) {
        const char *word = pcap_datalink_val_to_name(file.data_link_);
        return fail(Status::InputOutput,
                    fmt::format("{} has link type {} ({}), which tcptrace does not read",
                                file.name_, file.data_link_, word ? word : "unknown"),
                    "it reads Ethernet, raw IP, Linux cooked v1 and v2, and loopback");
    }
    file.link_ = *link;
    return file;
}

Result<const Frame *> CaptureFile::next()
{
    pcap_pkthdr *header = nullptr;
    const u_char *bytes = nullptr;
    const int read = pcap_next_ex(handle_.get(), &header, &bytes);

    if (read == PCAP_ERROR_BREAK)
        return nullptr;
    if (read != 1)
        return fail(Status::InputOutput,
                    fmt::format("{} is damaged after frame {}: {}", name_, frame_.number,
                                pcap_geterr(handle_.get())),
                    "all frames before it were read");
    // With nanosecond precision tv_usec holds nanoseconds. Hostile files hold anything.
    const std::uint64_t seconds = static_cast<std::uint32_t>(header->ts.tv_sec);
    const std::uint64_t time_ns =
        seconds * TT_NSEC_PER_SEC +
        static_cast<std::uint32_t>(header->ts.tv_usec) % TT_NSEC_PER_SEC;
    if (time_ns > frame_.time_ns)
        frame_.time_ns = time_ns;
    frame_.number++;
    frame_.wire_length = header->len > header->caplen ? header->len : header->caplen;
    frame_.bytes = {bytes, header->caplen};
    return &frame_;
}

} // namespace tcptrace

// SPDX-License-Identifier: Apache-2.0
#include "filter/expression.h"

#include "filter/culprit.h"

#include <fmt/format.h>
#include <pcap/pcap.h>

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstdio>
#include <cstring>
#include <memory>

namespace tcptrace {

namespace {

using Handle = std::unique_ptr<pcap_t, decltype(&pcap_close)>;

// A file without packets, in memory: only a handle of a file makes libpcap refuse what it
// cannot know of one, and in its own words; and the header of DLT_NULL is in the byte order
// of the machine that wrote the file.
Handle open_empty_file(const PacketKind &kind)
{
    const auto as_there = [&kind](std::unsigned_integral auto value) {
        return kind.swapped ? std::byteswap(value) : value;
    };
    const pcap_file_header header{
        .magic = as_there(0xa1b2c3d4U),
        .version_major = as_there(static_cast<u_short>(PCAP_VERSION_MAJOR)),
        .version_minor = as_there(static_cast<u_short>(PCAP_VERSION_MINOR)),
        .thiszone = 0,
        .sigfigs = 0,
        .snaplen = as_there(static_cast<bpf_u_int32>(kind.snap_length)),
        .linktype = as_there(static_cast<bpf_u_int32>(kind.data_link))};
    std::array<char, sizeof header> bytes{};
    std::memcpy(bytes.data(), &header, sizeof header);
    std::array<char, PCAP_ERRBUF_SIZE> reason{};
    // "w+" keeps a buffer of its own, so that `bytes` may go.
    std::FILE *stream = fmemopen(nullptr, bytes.size() + 1, "w+");
    if (!stream)
        return {nullptr, pcap_close};
    std::fwrite(bytes.data(), 1, bytes.size(), stream);
    std::rewind(stream);
    Handle handle(pcap_fopen_offline(stream, reason.data()), pcap_close);
    if (!handle)
        std::fclose(stream);
    return handle;
}

// A handle that says `kind` to the compiler; of a live packet if the file cannot be made.
Handle open_kind(const PacketKind &kind)
{
    if (kind.from_file) {
        Handle handle = open_empty_file(kind);
        if (handle && pcap_datalink(handle.get()) == kind.data_link)
            return handle;
    }
    return {pcap_open_dead(kind.data_link, kind.snap_length), pcap_close};
}

// libpcap's own words, and the word in question where these do not name it.
Error why_refused(const std::string &expression, int data_link, std::string_view reason)
{
    std::string where;
    if (reason.ends_with("syntax error")) {
        const std::string word = culprit(expression, data_link);
        where = word.empty() ? " at its end" : fmt::format(" at \"{}\"", word);
    }
    return {Status::Usage,
            fmt::format("the filter \"{}\" is not valid: {}{}", expression, reason, where),
            {}};
}

} // namespace

PacketKind ethernet_kind(int snap_length)
{
    return {.data_link = DLT_EN10MB, .snap_length = snap_length};
}

Result<ClassicProgram> compile_expression(const std::string &expression, const PacketKind &kind)
{
    const Handle handle = open_kind(kind);
    bpf_program code{};

    if (!handle)
        return fail(Status::CannotRun, "there is no memory to compile the filter");
    if (pcap_compile(handle.get(), &code, expression.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0)
        return std::unexpected(why_refused(expression, kind.data_link, pcap_geterr(handle.get())));
    ClassicProgram program(code.bf_len);
    std::transform(code.bf_insns, code.bf_insns + code.bf_len, program.begin(),
                   [](const bpf_insn &each) {
                       return ClassicInstruction{each.code, each.jt, each.jf, each.k};
                   });
    pcap_freecode(&code);
    return program;
}

ClassicProgram compile_or_match_nothing(const std::string &expression, int data_link)
{
    auto program = compile_expression(expression, {.data_link = data_link});
    return program ? std::move(*program) : ClassicProgram{{.code = BPF_RET | BPF_K}};
}

std::string dump_text(const ClassicProgram &program, int style)
{
    std::string text;
    int number = 0;

    if (style > 2)
        text = fmt::format("{}\n", program.size());
    for (const ClassicInstruction &each : program) {
        const bpf_insn instruction{each.code, each.jt, each.jf, each.k};
        if (style > 2)
            text += fmt::format("{} {} {} {}\n", each.code, each.jt, each.jf, each.k);
        else if (style == 2)
            text += fmt::format("{{ {:#x}, {}, {}, {:#010x} }},\n", each.code, each.jt, each.jf,
                                each.k);
        else
            text += fmt::format("{}\n", bpf_image(&instruction, number));
        number++;
    }
    return text;
}

} // namespace tcptrace

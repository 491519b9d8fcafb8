// SPDX-License-Identifier: Apache-2.0
#include "support/pcap_verdict.h"

#include <pcap/pcap.h>

namespace tcptrace::test {

struct PcapVerdict::Code {
    bpf_program program{};
    ~Code() { pcap_freecode(&program); }
};

std::optional<PcapVerdict> PcapVerdict::compile(const std::string &expression, int data_link)
{
    const std::unique_ptr<pcap_t, decltype(&pcap_close)> handle(pcap_open_dead(data_link, 262144),
                                                                pcap_close);
    PcapVerdict verdict;
    verdict.code_ = std::make_shared<Code>();
    if (pcap_compile(handle.get(), &verdict.code_->program, expression.c_str(), 1,
                     PCAP_NETMASK_UNKNOWN) != 0)
        return std::nullopt;
    return verdict;
}

bool PcapVerdict::operator()(std::span<const std::uint8_t> frame, std::uint32_t wire_length) const
{
    pcap_pkthdr header{};
    header.caplen = static_cast<bpf_u_int32>(frame.size());
    header.len = wire_length;
    return pcap_offline_filter(&code_->program, &header, frame.data()) != 0;
}

std::size_t PcapVerdict::instructions() const
{
    return code_->program.bf_len;
}

} // namespace tcptrace::test

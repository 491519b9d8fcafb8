// SPDX-License-Identifier: Apache-2.0
#include "render/dns_name.h"

#include "render/text.h"

#include <algorithm>

namespace tcptrace {

namespace {

constexpr std::size_t name_max = 255; // RFC 1035 §2.3.4

// The bytes behind the label's first one; nothing, after a word on why, where it has none to count.
DnsPosition label_length(std::string &out, Bytes message, std::size_t at)
{
    if (!message.has(at + 1))
        return std::nullopt;
    const std::uint8_t first = message.u8(at);
    switch (dns_label(first)) {
    case DnsLabel::Text:
    case DnsLabel::Pointer:
        return first;
    case DnsLabel::Extended:
        if (first != dns_bit_string) {
            put(out, "<ELT {}>", first & 0x3f);
            return std::nullopt;
        }
        if (!message.has(at + 2))
            return std::nullopt;
        return 1 + (dns_bit_count(message.u8(at + 1)) + 7) / 8;
    case DnsLabel::Reserved:
        break;
    }
    out += "<BAD LABEL TYPE>";
    return std::nullopt;
}

// "\[xff8/9]", `at` being the byte with the count of bits.
bool append_bit_string(std::string &out, Bytes message, std::size_t at)
{
    const std::size_t bits = dns_bit_count(message.u8(at));
    const std::size_t bytes = (bits + 7) / 8;
    const unsigned rest = bits % 8; // in the last byte
    const Bytes string = message.from(at + 1).first(bytes);

    out += "\\[x";
    append_hex(out, string.first(bits / 8).span());
    if (!string.has(bytes))
        return false;
    if (rest > 4)
        put(out, "{:02x}", string.u8(bytes - 1) & (0xff << (8 - rest)) & 0xff);
    else if (rest > 0)
        put(out, "{:x}", (string.u8(bytes - 1) >> 4) & (0x0f << (4 - rest)) & 0x0f);
    put(out, "/{}]", bits);
    return true;
}

class NamePrinter {
public:
    NamePrinter(std::string &out, Bytes message, std::size_t at)
        : out_(out), message_(message), at_(at), pointer_limit_(at)
    {
    }

    DnsPosition append()
    {
        if (!start_label())
            return std::nullopt;
        if (dns_label(first_) == DnsLabel::Pointer && !message_.has(at_ + 1))
            return std::nullopt;
        if (first_ == 0)
            out_ += '.';
        // A name whose last label fills the message ends there, without a root.
        while (first_ != 0 && at_ < message_.size())
            if (!append_label())
                return std::nullopt;
        if (characters_ > name_max)
            out_ += "<DOMAIN NAME TOO LONG>";
        return end_;
    }

private:
    // Reads the label at at_, which then is behind its first byte.
    bool start_label()
    {
        const DnsPosition length = label_length(out_, message_, at_);
        if (!length)
            return false;
        first_ = message_.u8(at_);
        length_ = *length;
        at_++;
        if (!jumped_)
            end_ = at_ + length_;
        return true;
    }

    bool append_label()
    {
        if (dns_label(first_) == DnsLabel::Pointer)
            return follow();
        if (dns_label(first_) == DnsLabel::Extended) {
            if (!append_bit_string(out_, message_, at_))
                return false;
        } else {
            const std::size_t room = name_max - std::min(characters_, name_max);
            if (!append_dns_text(out_, message_, at_, std::min(length_, room)))
                return false;
            characters_ += length_;
        }
        at_ += length_;
        if (characters_ <= name_max)
            out_ += '.';
        characters_++;
        return start_label();
    }

    // A pointer must lead further back than the one before, so that this ends.
    bool follow()
    {
        const std::size_t target = (first_ & 0x3fU) << 8 | message_.u8(at_);
        if (!jumped_)
            end_ = at_ + 1;
        jumped_ = true;
        if (target >= pointer_limit_) {
            out_ += "<BAD PTR>";
            return false;
        }
        pointer_limit_ = target;
        at_ = target;
        return start_label();
    }

    std::string &out_;
    Bytes message_;
    std::size_t at_;
    std::size_t pointer_limit_;
    std::uint8_t first_ = 0;     // of the label
    std::size_t length_ = 0;     // of what is behind it
    std::size_t characters_ = 0; // of the name so far
    std::size_t end_ = 0;
    bool jumped_ = false;
};

} // namespace

DnsPosition append_dns_name(std::string &out, Bytes message, std::size_t at)
{
    return NamePrinter(out, message, at).append();
}

bool append_dns_text(std::string &out, Bytes message, std::size_t at, std::size_t length)
{
    append_safe(out, message.from(at).first(length).span());
    return length == 0 || message.has(at + length);
}

} // namespace tcptrace

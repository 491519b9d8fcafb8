// SPDX-License-Identifier: Apache-2.0
// A packet with all its captured bytes, kept until it is written, or not.
#pragma once

#include "core/observation.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tcptrace {

class KeptPacket {
public:
    KeptPacket(const PacketView &packet, std::uint64_t unix_ns, std::vector<std::string> comments)
        : view_(packet), interface_(packet.interface),
          bytes_(packet.bytes.begin(), packet.bytes.end()), unix_ns_(unix_ns),
          comments_(std::move(comments))
    {
    }

    [[nodiscard]] PacketView view() const // valid while *this lives
    {
        PacketView view = view_;
        view.interface = interface_;
        view.bytes = bytes_;
        return view;
    }
    [[nodiscard]] std::uint64_t unix_ns() const { return unix_ns_; }
    [[nodiscard]] const std::vector<std::string> &comments() const { return comments_; }
    void comment(std::string comment) { comments_.push_back(std::move(comment)); }
    [[nodiscard]] std::size_t cost() const { return sizeof *this + bytes_.size(); } // of memory

private:
    PacketView view_;
    std::string interface_;
    std::vector<std::uint8_t> bytes_;
    std::uint64_t unix_ns_;
    std::vector<std::string> comments_;
};

} // namespace tcptrace

// SPDX-License-Identifier: Apache-2.0
// The programs on the interfaces that are watched: named ones, or any, which follows
// those that come and go. Attaching is attach.h, noticing is interfaces.h.
#pragma once

#include "core/result.h"
#include "source/attach.h"
#include "source/interfaces.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tcptrace {

class Hooks {
public:
    struct Programs {
        Attachment::Programs ethernet;
        Attachment::Programs raw; // for devices without link header
    };

    // `wanted`: names; empty for any.
    [[nodiscard]] static Result<Hooks> open(const Programs &programs,
                                            std::vector<std::string> wanted);
    // Attaches to what is there, after taking off what a killed tcptrace left.
    [[nodiscard]] Result<void> attach();
    // When it returns no program of ours runs on any interface any more.
    void detach();
    // Readable when interfaces changed; then follow(). An Error: a named interface is gone.
    [[nodiscard]] int fd() const { return watch_.fd(); }
    [[nodiscard]] Result<void> follow();

    // Empty if it is not known. Names of interfaces that are gone stay known.
    [[nodiscard]] std::string_view name(std::uint32_t ifindex) const;
    [[nodiscard]] std::vector<std::string> attached() const;
    // What could not be attached to, a sentence each.
    [[nodiscard]] const std::vector<std::string> &notes() const { return notes_; }

private:
    Hooks(const Programs &programs, std::vector<std::string> wanted, InterfaceWatch watch)
        : programs_(programs), wanted_(std::move(wanted)), watch_(std::move(watch))
    {
    }
    [[nodiscard]] bool wants(const Interface &interface) const;
    [[nodiscard]] Result<void> attach_to(const Interface &interface);
    void attach_missing(const std::vector<Interface> &interfaces);
    void note(const std::string &text);

    Programs programs_;
    std::vector<std::string> wanted_;
    InterfaceWatch watch_;
    std::map<std::uint32_t, Attachment> attachments_; // by interface index
    std::map<std::uint32_t, std::string> names_;
    std::vector<std::string> notes_;
};

} // namespace tcptrace

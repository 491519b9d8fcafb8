// SPDX-License-Identifier: Apache-2.0
#include "source/hooks.h"

#include <fmt/format.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

namespace tcptrace {

namespace {

// Bounds what a node with pods coming and going all year can make us remember.
constexpr std::size_t names_max = 65536;
constexpr std::size_t notes_max = 64;

} // namespace

Result<Hooks> Hooks::open(const Programs &programs, std::vector<std::string> wanted)
{
    auto watch = InterfaceWatch::open();
    if (!watch)
        return std::unexpected(watch.error());
    return Hooks(programs, std::move(wanted), std::move(*watch));
}

bool Hooks::wants(const Interface &interface) const
{
    return wanted_.empty() || std::ranges::find(wanted_, interface.name) != wanted_.end();
}

Result<void> Hooks::attach_to(const Interface &interface)
{
    if (!has_ethernet_header(interface) && !has_no_link_header(interface))
        return fail(Status::CannotRun,
                    fmt::format("{} has a link type (ARPHRD {}) that is not read", interface.name,
                                interface.type));
    remove_leftovers(interface);
    auto attachment = Attachment::attach(
        interface, has_ethernet_header(interface) ? programs_.ethernet : programs_.raw, true);
    if (!attachment)
        return std::unexpected(attachment.error());
    note(attachment->note());
    attachments_.insert_or_assign(interface.index, std::move(*attachment));
    if (names_.size() < names_max)
        names_.insert_or_assign(interface.index, interface.name);
    return {};
}

Result<void> Hooks::attach()
{
    const std::vector<Interface> interfaces = watch_.list();

    for (const std::string &name : wanted_) {
        const auto interface = find_interface(name);
        if (!interface)
            return std::unexpected(interface.error());
        if (auto attached = attach_to(*interface); !attached)
            return attached;
    }
    if (wanted_.empty())
        attach_missing(interfaces);
    return {};
}

void Hooks::attach_missing(const std::vector<Interface> &interfaces)
{
    for (const Interface &interface : interfaces) {
        if (!wants(interface))
            continue;
        if (attachments_.contains(interface.index)) {
            names_.insert_or_assign(interface.index, interface.name); // it may be renamed
            continue;
        }
        if (const auto attached = attach_to(interface); !attached && !is_gone(interface))
            note(attached.error().message);
    }
}

void Hooks::note(const std::string &text)
{
    if (!text.empty() && notes_.size() < notes_max)
        notes_.push_back(text);
}

Result<void> Hooks::follow()
{
    const auto changes = watch_.poll();

    for (std::uint32_t index : changes.gone) {
        const bool named = !wanted_.empty() && attachments_.contains(index);
        attachments_.erase(index);
        if (named && attachments_.empty())
            return fail(Status::CannotRun, fmt::format("the interface {} is gone", name(index)));
    }
    attach_missing(changes.present);
    if (changes.overrun)
        attach_missing(watch_.list());
    return {};
}

void Hooks::detach()
{
    attachments_.clear();
    // Waits for what still runs on other CPUs: BPF programs run within RCU's read side, and
    // this barrier is the system call that waits for a grace period.
    syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}

std::string_view Hooks::name(std::uint32_t ifindex) const
{
    const auto found = names_.find(ifindex);
    return found == names_.end() ? std::string_view{} : found->second;
}

std::vector<std::string> Hooks::attached() const
{
    std::vector<std::string> names;
    for (const auto &[index, attachment] : attachments_)
        names.emplace_back(name(index));
    return names;
}

} // namespace tcptrace

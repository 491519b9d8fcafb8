// SPDX-License-Identifier: Apache-2.0
#include "source/drop_reasons.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <unistd.h>

#include <memory>

namespace tcptrace {

namespace {

using Types = std::unique_ptr<btf, decltype(&btf__free)>;

constexpr unsigned subsystem_shift = 16; // SKB_DROP_REASON_SUBSYS_SHIFT
constexpr std::string_view core_enum = "skb_drop_reason";
constexpr std::string_view subsystems_enum = "skb_drop_reason_subsys";
constexpr std::string_view subsystem_prefix = "SKB_DROP_REASON_SUBSYS_";
// With types of their own, unless they are built in.
constexpr const char *modules_with_reasons[] = {"openvswitch", "mac80211"};

std::string_view name_in(const btf *types, std::uint32_t offset)
{
    const char *name = btf__name_by_offset(types, offset);
    return name ? name : "";
}

std::string_view without(std::string_view prefix, std::string_view name)
{
    return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
}

// Marks the beginning of a range; no packet is dropped for it.
bool is_reason(std::string_view name)
{
    return !name.empty() && !name.starts_with("__") && name != "MAX" && name != "SUBSYS_MASK";
}

Types checked(btf *types)
{
    return {libbpf_get_error(types) ? nullptr : types, btf__free};
}

} // namespace

void DropReasons::take_enum(const btf *types, std::uint32_t id)
{
    const btf_type *type = btf__type_by_id(types, id);
    const std::string_view of = name_in(types, type->name_off);
    const bool subsystems = of == subsystems_enum;

    if (!subsystems && of != core_enum && !of.ends_with("_drop_reason"))
        return;
    const struct btf_enum *each = btf_enum(type);
    for (unsigned i = 0; i < btf_vlen(type); i++, each++) {
        const auto value = static_cast<std::uint32_t>(each->val);
        const std::string_view full = name_in(types, each->name_off);
        if (subsystems) {
            subsystems_.emplace(value, without(subsystem_prefix, full));
            continue;
        }
        const bool of_core = of == core_enum;
        const std::string_view name =
            of_core ? without("SKB_", without("SKB_DROP_REASON_", full)) : full;
        // Other enums of such a name count from 0 for purposes of their own.
        if (is_reason(name) && of_core == (value >> subsystem_shift == 0))
            names_.emplace(value, name);
    }
}

void DropReasons::take(const btf *types, std::uint32_t first_type)
{
    const std::uint32_t end = btf__type_cnt(types);
    for (std::uint32_t id = first_type; id < end; id++) {
        if (btf_is_enum(btf__type_by_id(types, id)))
            take_enum(types, id);
    }
}

void DropReasons::learn(btf *kernel)
{
    take(kernel);
    for (const char *module : modules_with_reasons) {
        if (access(fmt::format("/sys/kernel/btf/{}", module).c_str(), R_OK) != 0)
            continue;
        if (const Types types = checked(btf__load_module_btf(module, kernel)))
            take(types.get(), btf__type_cnt(kernel));
    }
}

// A module may have come since.
void DropReasons::learn_again()
{
    learned_again_ = true;
    if (const Types kernel = checked(btf__load_vmlinux_btf()))
        learn(kernel.get());
}

std::string_view DropReasons::name(std::uint32_t reason)
{
    const std::uint32_t subsystem = reason >> subsystem_shift;

    if (!names_.contains(reason) && subsystem != 0 && !learned_again_)
        learn_again();
    if (const auto found = names_.find(reason); found != names_.end())
        return found->second;
    const auto known = subsystems_.find(subsystem);
    const std::string whose =
        known != subsystems_.end() ? known->second : fmt::format("SUBSYSTEM_{}", subsystem);
    return names_
        .emplace(reason, fmt::format("{}_{}", whose, reason & ((1U << subsystem_shift) - 1)))
        .first->second;
}

std::optional<std::uint32_t> DropReasons::number(std::string_view name) const
{
    for (const auto &[number, known] : names_) {
        if (known == name)
            return number;
    }
    return std::nullopt;
}

} // namespace tcptrace

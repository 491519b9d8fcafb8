// SPDX-License-Identifier: Apache-2.0
// -Z: goes on as another user, with no more capabilities than following interfaces and
// reading BPF maps needs.
#pragma once

#include "core/result.h"

#include <string>

#include <sys/types.h>

namespace tcptrace {

class User {
public:
    // A name that nobody has is a usage error.
    [[nodiscard]] static Result<User> find(const std::string &name);

    // Groups, user and capabilities, never to be had again. Who is not root stays who they
    // are, as with tcpdump.
    enum class Keep { Nothing, Bpf };
    [[nodiscard]] Result<void> become(Keep keep) const;

private:
    User(std::string name, uid_t uid, gid_t gid) : name_(std::move(name)), uid_(uid), gid_(gid) {}

    std::string name_;
    uid_t uid_;
    gid_t gid_;
};

} // namespace tcptrace

// SPDX-License-Identifier: Apache-2.0
// What a function returns that can fail in a way its caller must handle: a value
// or an Error. Programming mistakes are asserts, not Errors; there are no exceptions
// across folders.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace tcptrace {

// Exit statuses of the program (contract §1).
enum class Status : int {
    Ok = 0,
    Diagnosed = 1,   // something named by --fail-on
    Usage = 2,       // bad option or filter
    CannotRun = 3,   // privilege, kernel feature, no such interface
    InputOutput = 4, // truncated or damaged file, disk full
    Undecided = 5,   // --fail-on, but records were lost
};

struct Error {
    Status status = Status::CannotRun;
    std::string message; // one sentence: what happened, and where
    std::string hint;    // what to do; may be empty
};

template <typename T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(Status status, std::string message, std::string hint = {})
{
    return std::unexpected(Error{status, std::move(message), std::move(hint)});
}

} // namespace tcptrace

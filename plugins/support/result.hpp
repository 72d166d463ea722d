// Errors as values. A GError is turned into an Error once, where the C call returns.
#pragma once

#include <tl/expected.hpp>

#include <string>
#include <utility>

namespace rtspproxy {

struct Error {
    // One sentence for a person: names the thing that is wrong and what to do. Never a secret.
    std::string message;
};

template <class T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> failure(std::string message) {
    return tl::unexpected<Error>(Error{std::move(message)});
}

} // namespace rtspproxy

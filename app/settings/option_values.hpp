// The values of options, from text. `option` is what the error calls it: "-p,--port". Errors name
// the option, the value (passwords masked) and what is allowed.
#pragma once

#include "app/settings/limits.hpp"
#include "plugins/support/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace rtspproxy::settings {

Result<std::uint16_t> parse_port(std::string_view option, std::string_view text,
                                 Range<std::uint16_t> range);

// A whole number.
Result<std::chrono::milliseconds> parse_milliseconds(std::string_view option, std::string_view text,
                                                     Range<std::chrono::milliseconds> range);

// A decimal number ("2", "0.5"), rounded to milliseconds.
Result<std::chrono::milliseconds> parse_seconds(std::string_view option, std::string_view text,
                                                Range<std::chrono::milliseconds> range);

// A whole number of something.
Result<std::size_t> parse_count(std::string_view option, std::string_view text,
                                Range<std::size_t> range);

// parse_seconds() and parse_count() into `target`, which stays as it is if there is no text.
Result<void> read_seconds(std::string_view option, const std::optional<std::string>& text,
                          Range<std::chrono::milliseconds> range,
                          std::chrono::milliseconds& target);
Result<void> read_count(std::string_view option, const std::optional<std::string>& text,
                        Range<std::size_t> range, std::size_t& target);

// For --help: "0 to 10000 milliseconds. Default: 20."
std::string describe_milliseconds(Range<std::chrono::milliseconds> range,
                                  std::chrono::milliseconds default_value);
std::string describe_seconds(Range<std::chrono::milliseconds> range,
                             std::chrono::milliseconds default_value);
std::string describe_count(Range<std::size_t> range, std::string_view unit,
                           std::size_t default_value);

// A numeric IPv4 or IPv6 address, the latter with or without brackets; returned without.
Result<std::string> parse_address(std::string_view option, std::string_view text);

// The value, or the error, of `value`.
template <class T>
Result<void> assign(T& target, Result<T> value) {
    if (!value)
        return tl::unexpected(std::move(value.error()));
    target = std::move(*value);
    return {};
}

} // namespace rtspproxy::settings

#include "app/settings/option_values.hpp"

#include "app/settings/secrets.hpp"

#include <gio/gio.h>

#include <charconv>
#include <cmath>
#include <sstream>
#include <system_error>

namespace rtspproxy::settings {
namespace {

using Seconds = std::chrono::duration<double>;

// All of `text` as a number. from_chars, unlike stod, knows no locale and skips no blanks.
template <class T>
std::optional<T> parse_number(std::string_view text) {
    T value{};
    const auto* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stopped != end)
        return std::nullopt;
    return value;
}

template <class T>
tl::unexpected<Error> out_of_range(std::string_view option, std::string_view text,
                                   std::string_view kind, T min, T max) {
    std::ostringstream message;
    message << option << ' ' << masked_quote(text) << ": must be " << kind << " from " << min
            << " to " << max;
    return failure(message.str());
}

template <class T>
std::string describe_range(T min, T max, std::string_view unit, T default_value) {
    std::ostringstream text;
    text << min << " to " << max << ' ' << unit << ". Default: " << default_value << '.';
    return text.str();
}

} // namespace

Result<std::uint16_t> parse_port(std::string_view option, std::string_view text,
                                 Range<std::uint16_t> range) {
    const auto value = parse_number<std::uint16_t>(text);
    if (!value || !range.holds(*value))
        return out_of_range(option, text, "a port", range.min, range.max);
    return *value;
}

Result<std::chrono::milliseconds> parse_milliseconds(std::string_view option, std::string_view text,
                                                     Range<std::chrono::milliseconds> range) {
    const auto value = parse_number<std::int64_t>(text);
    if (!value || !range.holds(std::chrono::milliseconds(*value)))
        return out_of_range(option, text, "a whole number of milliseconds", range.min.count(),
                            range.max.count());
    return std::chrono::milliseconds(*value);
}

Result<std::chrono::milliseconds> parse_seconds(std::string_view option, std::string_view text,
                                                Range<std::chrono::milliseconds> range) {
    const Seconds min = range.min;
    const Seconds max = range.max;
    const auto value = parse_number<double>(text);
    // Written so that a NaN fails it.
    if (!value || !(*value >= min.count() && *value <= max.count()))
        return out_of_range(option, text, "a number of seconds", min.count(), max.count());
    return std::chrono::milliseconds(std::llround(*value * 1000));
}

Result<std::size_t> parse_count(std::string_view option, std::string_view text,
                                Range<std::size_t> range) {
    const auto value = parse_number<std::size_t>(text);
    if (!value || !range.holds(*value))
        return out_of_range(option, text, "a whole number", range.min, range.max);
    return *value;
}

Result<void> read_seconds(std::string_view option, const std::optional<std::string>& text,
                          Range<std::chrono::milliseconds> range,
                          std::chrono::milliseconds& target) {
    return text ? assign(target, parse_seconds(option, *text, range)) : Result<void>();
}

Result<void> read_count(std::string_view option, const std::optional<std::string>& text,
                        Range<std::size_t> range, std::size_t& target) {
    return text ? assign(target, parse_count(option, *text, range)) : Result<void>();
}

std::string describe_milliseconds(Range<std::chrono::milliseconds> range,
                                  std::chrono::milliseconds default_value) {
    return describe_range(range.min.count(), range.max.count(), "milliseconds",
                          default_value.count());
}

std::string describe_seconds(Range<std::chrono::milliseconds> range,
                             std::chrono::milliseconds default_value) {
    return describe_range(Seconds(range.min).count(), Seconds(range.max).count(), "seconds",
                          Seconds(default_value).count());
}

std::string describe_count(Range<std::size_t> range, std::string_view unit,
                           std::size_t default_value) {
    return describe_range(range.min, range.max, unit, default_value);
}

Result<std::string> parse_address(std::string_view option, std::string_view text) {
    auto address = std::string(text);
    if (address.size() > 2 && address.front() == '[' && address.back() == ']')
        address = address.substr(1, address.size() - 2);
    if (!g_hostname_is_ip_address(address.c_str()))
        return failure(std::string(option) + ' ' + masked_quote(text) +
                       ": must be a numeric IPv4 or IPv6 address, e.g. 0.0.0.0 or ::1");
    return address;
}

} // namespace rtspproxy::settings

#include "app/backend/message_log.hpp"

#include "app/backend/exchange/message.hpp"
#include "app/backend/sdp/media_keys.hpp"
#include "app/log.hpp"
#include "plugins/text/secrets.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <string_view>

namespace rtspproxy::backend {
namespace {

std::atomic<bool> enabled{false};

constexpr std::array<std::string_view, 3> kSecretNames{"Authorization", "Authentication-Info",
                                                       "Proxy-Authorization"};

std::string masked(std::string_view line) {
    const std::size_t colon = std::min(line.find(':'), line.size());
    const bool secret = std::ranges::any_of(kSecretNames, [&](std::string_view name) {
        return exchange::equals_ignoring_case(exchange::trim(line.substr(0, colon)), name);
    });
    if (!secret)
        return text::mask_urls_within(sdp::without_keys(line));
    // The scheme (Basic, Digest) helps and tells nothing.
    const std::string_view value = exchange::trim(line.substr(std::min(colon + 1, line.size())));
    return std::string(line.substr(0, colon)) + ": " +
           std::string(value.substr(0, value.find(' '))) + " ***";
}

void print(const std::string& prefix, std::string_view message) {
    if (!enabled.load())
        return;
    std::string text;
    while (!message.empty()) {
        const std::size_t end = std::min(message.find_first_of("\r\n"), message.size());
        if (const std::string line = masked(message.substr(0, end)); !line.empty())
            text += prefix + line + '\n';
        message.remove_prefix(std::min(end + 1, message.size()));
    }
    log::print_lines(text);
}

} // namespace

void MessageLog::enable() {
    enabled.store(true);
}

void MessageLog::sent(const std::string& mount, std::string_view message) {
    print(mount + " > ", message);
}

void MessageLog::received(const std::string& mount, std::string_view message) {
    print(mount + " < ", message);
}

} // namespace rtspproxy::backend

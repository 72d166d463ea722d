// The sender's side: announces a stream to a proxy that speaks REGISTER, ours or live555's.
#pragma once

#include "plugins/auth/account.hpp"
#include "plugins/registration/request.hpp"
#include "plugins/support/ref.hpp"
#include "plugins/support/result.hpp"

#include <gio/gio.h>

#include <chrono>
#include <optional>
#include <string>

namespace rtspproxy::registration {

using auth::Account;

struct AnnounceOptions {
    bool deregister = false;       // DEREGISTER instead of REGISTER
    bool tcp = false;              // ask the proxy to fetch the stream interleaved over TCP
    bool reuse_connection = false; // let the proxy use this connection for its requests
    std::optional<std::string> suffix =
        std::nullopt; // the mount's name; without one the proxy chooses
    std::optional<Account> account = std::nullopt; // for a proxy that asks for a login (Digest)
    std::chrono::milliseconds timeout{5000};       // to connect, and again for the conversation
};

struct Announcement {
    // With reuse_connection: the connection, on which the proxy's requests will arrive. Nothing
    // past the response has been read from it.
    Ref<GSocket> connection;
};

// Announces `url` to the proxy at `proxy`, "host:port" or "[IPv6 address]:port" (port 554 if there
// is none). Blocks until the proxy has answered. An Error says what happened in words: not reached,
// refused (with the status), no sense.
[[nodiscard]] Result<Announcement> announce(const std::string& proxy, const std::string& url,
                                            const AnnounceOptions& options);

} // namespace rtspproxy::registration

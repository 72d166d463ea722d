// The two halves of HTTP tunnels, and how they find each other: a client GETs what the server says,
// and POSTs what it says itself, in base64, on another connection with the same cookie.
#pragma once

#include "plugins/support/guarded.hpp"
#include "plugins/support/ref.hpp"

#include <gio/gio.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rtspproxy::server {

class Admission;

// A POST's connection, behind its head.
struct TunnelPost {
    Ref<GSocket> socket;
    Admission* admission = nullptr; // the socket's, and as long there
    std::vector<std::uint8_t> rest; // what was read of its body
};

// Where a connection is told of its other half. Any thread.
class TunnelMailbox {
  public:
    // The context in which the connection is read: woken for each message.
    void watch_in(GMainContext* context);
    [[nodiscard]] bool waits() const { return waits_.load(std::memory_order_acquire); }

    // To a GET: its POST. A later one replaces one that has not been taken.
    void put(TunnelPost post);
    // To a POST: a GET has its socket now.
    void put_moved();

    [[nodiscard]] std::optional<TunnelPost> take_post();
    [[nodiscard]] bool moved() const { return moved_.load(std::memory_order_acquire); }

  private:
    struct Shared {
        std::optional<TunnelPost> post;
        Ref<GMainContext> context;
    };
    void wake();

    Guarded<Shared> shared_;
    std::atomic<bool> waits_{false}, moved_{false};
};

// Any thread.
class TunnelTable {
  public:
    using MailboxPtr = std::shared_ptr<TunnelMailbox>;

    // A GET: from now on `mailbox` gets its POSTs, also one that came before. False: another GET
    // has the cookie.
    [[nodiscard]] bool open(const std::string& cookie, const MailboxPtr& mailbox);
    // A POST: goes to its GET, or waits for it; `mailbox` is told when its socket is taken.
    void join(const std::string& cookie, TunnelPost post, const MailboxPtr& mailbox);
    // The connection with that mailbox has ended.
    void leave(const std::string& cookie, const MailboxPtr& mailbox);

  private:
    struct Entry {
        MailboxPtr get, post; // whoever is there
        std::optional<TunnelPost> waiting;
    };
    Guarded<std::map<std::string, Entry>> entries_;
};

} // namespace rtspproxy::server

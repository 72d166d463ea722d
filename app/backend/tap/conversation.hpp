// Conversation: the messages of one connection that a back end has claimed, both ways. Finds them
// among what rtspsrc writes, has them seen by the exchange, shows them to the log, and writes what
// is to leave. Interleaved frames that rtspsrc writes leave as they are.
#pragma once

#include "app/backend/exchange/exchange.hpp"
#include "app/backend/tap/interleaved_splitter.hpp"
#include "app/backend/tap/ledger.hpp"
#include "app/backend/tap/outlet.hpp"
#include "plugins/support/guarded.hpp"
#include "plugins/support/ref.hpp"

#include <gio/gio.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace rtspproxy::backend {

class Conversation {
  public:
    using Messages = std::vector<std::string>;

    // `out`: the connection's own stream. `name` stands before the messages in the log.
    Conversation(std::unique_ptr<exchange::Exchange> exchange, Ref<GOutputStream> out,
                 std::shared_ptr<Ledger> ledger, std::string name)
        : ledger_(std::move(ledger)), exchange_(std::move(exchange)), outlet_(std::move(out)),
          name_(std::move(name)) {}
    Conversation(const Conversation&) = delete;
    Conversation& operator=(const Conversation&) = delete;

    // rtspsrc writes; one of its threads at a time. As GOutputStream's write, but takes all.
    gssize write(std::span<const std::uint8_t> bytes, GCancellable* cancellable, GError** error);

    // The reader's thread: the camera sent this whole message; returns what rtspsrc is to read.
    [[nodiscard]] Messages receive(std::string_view message);
    // What rtspsrc's requests were answered with without the camera.
    [[nodiscard]] Messages take_answers();
    // Whether take_answers() would return some.
    [[nodiscard]] bool has_answers();
    // The camera ended the connection.
    void end();

    // Any thread. A request of ours, which does not wait for anything: neither for the camera to
    // take it nor for the answer, which the rules see. False if the connection is closed or the
    // camera does not read.
    bool ask(exchange::Message request);
    // Nothing is written any more.
    void close(GSocket* socket) { outlet_.close(socket); }

  private:
    struct Shared {
        explicit Shared(std::unique_ptr<exchange::Exchange> own) : exchange(std::move(own)) {}

        std::unique_ptr<exchange::Exchange> exchange;
        Messages answers; // for rtspsrc
    };

    // Under the lock, so that messages leave in the order of their numbers.
    bool pass(exchange::Deliveries deliveries, Messages& to_source);
    [[nodiscard]] bool take(std::span<const std::uint8_t> bytes);

    const std::shared_ptr<Ledger> ledger_;
    Guarded<Shared> exchange_;
    Outlet outlet_;
    const std::string name_;
    // Of the thread that writes.
    InterleavedSplitter splitter_;
    std::string held_;    // the beginning of a frame
    std::string message_; // what has come of it
};

} // namespace rtspproxy::backend

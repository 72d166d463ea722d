// The thread in front of an RTSP server: accepts every connection, answers REGISTER and DEREGISTER
// itself, and hands everything else on with not a byte read. One thread, epoll, never blocking,
// whatever the number of connections.
#pragma once

#include "plugins/registration/connection.hpp"
#include "plugins/registration/counters.hpp"
#include "plugins/registration/listening_socket.hpp"
#include "plugins/registration/pending_table.hpp"
#include "plugins/registration/request.hpp"
#include "plugins/registration/request_judge.hpp"
#include "plugins/registration/response.hpp"
#include "plugins/support/guarded.hpp"

#include <gio/gio.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

namespace rtspproxy::registration {

struct FrontDoorOptions {
    PendingLimits pending;
    std::size_t max_header_bytes = 8192;
    // Between the 200 and the first use of a connection that the peer offered for reuse: live555's
    // client would otherwise take the proxy's first request for a part of the response.
    std::chrono::milliseconds reuse_delay{100};
};

class FrontDoor {
  public:
    // Called in the front door's thread, one call at a time and with no lock held; must not block
    // and must not call open() or close(). Sockets are lent: whoever wants to keep one takes a
    // reference.
    class Listener {
      public:
        virtual ~Listener() = default;
        // A connection that is not about registration, untouched. False: nobody wants it.
        virtual bool connection_arrived(GSocket* socket, const Peer& peer) = 0;
        // A REGISTER; returns the RTSP status to answer. `socket` is nullptr unless the request has
        // reuse_connection; it is not to be used before connection_reusable(), but tells then which
        // one it is.
        virtual unsigned stream_registered(const Request& request, GSocket* socket,
                                           const Peer& peer) = 0;
        virtual unsigned stream_deregistered(const Request& request, const Peer& peer) = 0;
        // The response to a REGISTER with reuse_connection is out: the connection is the
        // listener's. Comes once for each such request that was answered 200, also if the
        // connection has broken meanwhile (it is then at its end), unless the front door is closed
        // first.
        virtual void connection_reusable(GSocket* socket, const Request& request,
                                         const Peer& peer) = 0;
        // For the log: a request that the listener was not asked about, and a connection that ended
        // here. Both are counted already.
        virtual void request_refused(const Request& request, const Peer& peer, unsigned status) = 0;
        virtual void connection_dropped(const Peer& peer, Counter reason) = 0;
    };

    explicit FrontDoor(Listener& listener) : listener_(listener) {}
    FrontDoor(const FrontDoor&) = delete;
    FrontDoor& operator=(const FrontDoor&) = delete;
    ~FrontDoor() { close(); }

    // Any thread but the front door's. open() returns the port.
    [[nodiscard]] tl::expected<std::uint16_t, ListenError> open(const ListenOptions& options);
    // Stops the thread and closes all connections that nobody has taken. Refuses (with a critical
    // message) to be called in the front door's thread, which would wait for itself.
    void close();

    // Any thread; changes hold for the next request or connection.
    [[nodiscard]] Guarded<FrontDoorOptions>& options() { return options_; }
    [[nodiscard]] Guarded<JudgeOptions>& judge_options() { return judge_options_; }
    [[nodiscard]] const Counters& counters() const { return counters_; }

  private:
    using Clock = std::chrono::steady_clock;
    using Id = PendingTable::Id;

    struct Registration { // answered 200, waiting to be handed to the listener
        Clock::time_point due;
        std::unique_ptr<Connection> connection;
        Request request;
    };
    // What became of a connection when its input was looked at.
    enum class Progress { Waiting, Answered, Gone };

    // All below: the front door's thread only.
    void run();
    [[nodiscard]] int milliseconds_to_wait() const;
    void handle_event(Id id, std::uint32_t events);
    void watch(int descriptor, Id id, std::uint32_t events);

    void accept_from(Id listener);
    [[nodiscard]] bool accept_one(int listener);
    void welcome(FileDescriptor descriptor, const Peer& peer);
    void make_room(const std::string& address, const PendingLimits& limits);
    [[nodiscard]] bool make_room_for_descriptor();
    void resume_accepting();

    void serve(Id id);
    [[nodiscard]] Progress advance(Id id);
    [[nodiscard]] Progress advance_registration(Id id, std::string_view bytes);
    [[nodiscard]] Progress answer(Id id, std::string_view bytes);
    [[nodiscard]] Response decide(Connection& connection, const Request& request);
    [[nodiscard]] Progress refuse_malformed(Id id, std::string_view bytes);
    void keep_for_reuse(Id id, Request request);
    void hand_out_reusable();
    void pass_on(Id id, std::string_view bytes);

    void drop_expired();
    void drop(Id id, Counter reason);
    std::unique_ptr<Connection> take(Id id);

    Listener& listener_;
    Guarded<FrontDoorOptions> options_;
    Guarded<JudgeOptions> judge_options_;
    Counters counters_;

    FileDescriptor epoll_;
    FileDescriptor wake_; // an eventfd: written once, to stop
    std::vector<FileDescriptor> listening_;
    std::thread thread_;

    // The front door's thread only, from here on.
    FrontDoorOptions current_; // a copy of options_, renewed every round
    RequestJudge judge_{judge_options_, counters_};
    PendingTable pending_;
    std::map<Id, std::unique_ptr<Connection>> connections_;
    std::deque<Registration> reusable_;
    std::vector<Id> unfinished_; // have more requests waiting, but others come first
    std::vector<char> buffer_;
    Id next_id_ = 0;
    std::optional<Clock::time_point> accept_again_; // accepting is paused until then
};

} // namespace rtspproxy::registration

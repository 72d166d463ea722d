// Prober: asks whether back ends can be connected to, without saying a word to them: a TCP
// connection is opened and, as soon as it stands, closed.
//
// One for all back ends: it holds to a common pace (Pacer). It has no thread of its own; everything
// happens in the main context and nothing there blocks.
#pragma once

#include "app/backend/presence/host_addresses.hpp"
#include "app/backend/presence/pacer.hpp"
#include "plugins/support/file_descriptor.hpp"
#include "plugins/support/main_loop.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

namespace rtspproxy::backend {

// All methods: main context.
class Prober : public std::enable_shared_from_this<Prober> {
  public:
    using Time = std::chrono::milliseconds;
    // Called once for each probe, never from within probe().
    using Report = std::function<void(bool reachable)>;

    // How long a connection may take. Usual is what finds a back end whose host was away soonest:
    // each SYN of its own, none of the system's repetitions, which become rarer and rarer. Patient
    // is for one that is farther away than that; the probe counts as failed after a while, but is
    // still reported if it succeeds in the end.
    enum class Patience { Usual, Patient };

    // One back end's probes; none is under way any more when it is gone.
    class Subject {
      public:
        ~Subject();
        Subject(const Subject&) = delete;
        Subject& operator=(const Subject&) = delete;
        // Begins as soon as the pace permits. Not before the one before was reported.
        void probe(Patience patience);

      private:
        friend class Prober;
        Subject(std::shared_ptr<Prober> prober, Endpoint endpoint, Report report);

        const std::shared_ptr<Prober> prober_;
        const std::uint64_t id_;
        HostAddresses addresses_;
        std::size_t next_address_ = 0; // one that does not answer lets another one have its turn
        Patience patience_ = Patience::Usual;
        const std::shared_ptr<Report> report_;
    };

    static std::shared_ptr<Prober> create();
    Prober(const Prober&) = delete;
    Prober& operator=(const Prober&) = delete;
    ~Prober();

    [[nodiscard]] std::unique_ptr<Subject> subject(Endpoint endpoint, Report report);

  private:
    // A probe that is under way.
    struct Dial {
        std::uint64_t subject = 0;
        std::size_t addresses_left = 0; // that were not tried yet
        FileDescriptor socket;          // none: there is no address to connect to yet
        bool reported = false;
        Time next_event{0}; // where it stands in deadlines_
        Time close_at{0};
    };
    using DialId = std::uint64_t;

    Prober();
    void enqueue(std::uint64_t subject);
    void forget(std::uint64_t subject);
    void end_probes(std::uint64_t subject);
    void begin(Subject& subject, Time now);
    void connect_next(Subject& subject, Dial dial, Time now);
    void keep(Dial dial, Patience patience, Time now);
    [[nodiscard]] Dial take(DialId id);
    void on_events();
    void on_time();
    void opened(DialId id);
    void expired(DialId id);
    void report(std::uint64_t subject, bool reachable);
    void set_timer();

    FileDescriptor epoll_;
    DescriptorWatch watch_;
    Timer timer_;
    std::optional<Time> timer_at_;
    Pacer pacer_;
    std::uint64_t last_id_ = 0;
    std::map<std::uint64_t, Subject*> subjects_;
    std::deque<std::uint64_t> waiting_; // subjects whose turn has not come
    std::map<DialId, Dial> dials_;
    std::set<std::pair<Time, DialId>> deadlines_;
};

} // namespace rtspproxy::backend

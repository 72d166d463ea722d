#include "app/backend/presence/prober.hpp"

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace rtspproxy::backend {
namespace {

using Time = Prober::Time;

constexpr Time kUsual{500};
// A patient one counts as failed before the kernel repeats its SYN (1 s), which then takes the
// place of the next probe's, and is given up before the second time (3 s).
constexpr Time kPatientAnswer{980};
constexpr Time kPatient{2900};
// Deadlines are put together, for a wake-up costs more than what is done then.
constexpr Time kGrid{20};

Time now() {
    return Time(g_get_monotonic_time() / 1000);
}

Time on_grid(Time time) {
    return time + kGrid - time % kGrid;
}

enum class Opening { Done, UnderWay, Failed };
struct Opened {
    FileDescriptor socket;
    Opening state = Opening::Failed;
};

Opened open_connection(const SocketAddress& address) {
    Opened opened;
    const auto* name = reinterpret_cast<const sockaddr*>(&address.storage);
    opened.socket =
        FileDescriptor(socket(name->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!opened.socket)
        return opened;
    if (connect(opened.socket.get(), name, address.size) == 0)
        opened.state = Opening::Done;
    else if (errno == EINPROGRESS)
        opened.state = Opening::UnderWay;
    return opened;
}

bool is_connected(int socket) {
    int error = 0;
    socklen_t size = sizeof error;
    return getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

} // namespace

Prober::Subject::Subject(std::shared_ptr<Prober> prober, Endpoint endpoint, Report report)
    : prober_(std::move(prober)), id_(++prober_->last_id_), addresses_(std::move(endpoint)),
      report_(std::make_shared<Report>(std::move(report))) {
    prober_->subjects_.emplace(id_, this);
}

Prober::Subject::~Subject() {
    prober_->forget(id_);
}

void Prober::Subject::probe(Patience patience) {
    patience_ = patience;
    prober_->enqueue(id_);
}

std::shared_ptr<Prober> Prober::create() {
    return std::shared_ptr<Prober>(new Prober);
}

Prober::Prober() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    watch_.start(epoll_.get(), [this] { on_events(); });
}

Prober::~Prober() = default;

std::unique_ptr<Prober::Subject> Prober::subject(Endpoint endpoint, Report report) {
    return std::unique_ptr<Subject>(
        new Subject(shared_from_this(), std::move(endpoint), std::move(report)));
}

void Prober::enqueue(std::uint64_t subject) {
    waiting_.push_back(subject);
    set_timer();
}

void Prober::forget(std::uint64_t subject) {
    end_probes(subject);
    subjects_.erase(subject);
}

void Prober::end_probes(std::uint64_t subject) {
    std::erase(waiting_, subject);
    for (auto it = dials_.begin(); it != dials_.end();) {
        const auto dial = it++;
        if (dial->second.subject == subject)
            static_cast<void>(take(dial->first)); // closes its socket
    }
}

void Prober::begin(Subject& subject, Time now) {
    Dial dial;
    dial.subject = subject.id_;
    dial.addresses_left = subject.addresses_.get(now).size();
    if (dial.addresses_left == 0)
        keep(std::move(dial), Patience::Usual, now); // the name may be known next time
    else
        connect_next(subject, std::move(dial), now);
}

// The addresses of one name are tried one after the other: the next one at once where nothing
// listens, with the next probe where nothing answers.
void Prober::connect_next(Subject& subject, Dial dial, Time now) {
    const auto& addresses = subject.addresses_.get(now);
    dial.addresses_left = std::min(dial.addresses_left, addresses.size());
    while (dial.addresses_left > 0) {
        --dial.addresses_left;
        Opened opened = open_connection(addresses[subject.next_address_++ % addresses.size()]);
        if (opened.state == Opening::Failed)
            continue;
        if (opened.state == Opening::Done) {
            report(dial.subject, true);
            return;
        }
        dial.socket = std::move(opened.socket);
        keep(std::move(dial), subject.patience_, now);
        return;
    }
    report(dial.subject, false);
}

void Prober::keep(Dial dial, Patience patience, Time now) {
    const bool patient = patience == Patience::Patient;
    const DialId id = ++last_id_;
    dial.next_event = on_grid(now + (patient ? kPatientAnswer : kUsual));
    dial.close_at = patient ? on_grid(now + kPatient) : dial.next_event;
    if (dial.socket) {
        epoll_event event{};
        event.events = EPOLLOUT;
        event.data.u64 = id;
        epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, dial.socket.get(), &event);
    }
    deadlines_.emplace(dial.next_event, id);
    dials_.emplace(id, std::move(dial));
}

Prober::Dial Prober::take(DialId id) {
    auto node = dials_.extract(id);
    deadlines_.erase({node.mapped().next_event, id});
    return std::move(node.mapped());
}

void Prober::on_events() {
    std::array<epoll_event, 64> events{};
    const int count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), 0);
    for (int i = 0; i < count; ++i)
        opened(events[static_cast<std::size_t>(i)].data.u64);
    set_timer();
}

void Prober::on_time() {
    const Time time = now();
    while (!deadlines_.empty() && deadlines_.begin()->first <= time)
        expired(deadlines_.begin()->second);
    while (!waiting_.empty() && pacer_.take(time)) {
        const auto found = subjects_.find(waiting_.front());
        waiting_.pop_front();
        begin(*found->second, time);
    }
    set_timer();
}

// Or refused. A report may take subjects away, also this one.
void Prober::opened(DialId id) {
    if (!dials_.contains(id))
        return; // given up by a report of the same round
    Dial dial = take(id);
    const bool reachable = is_connected(dial.socket.get());
    dial.socket = {};
    if (reachable)
        report(dial.subject, true);
    else if (!dial.reported)
        connect_next(*subjects_.at(dial.subject), std::move(dial), now());
}

void Prober::expired(DialId id) {
    Dial dial = take(id);
    if (dial.reported)
        return;
    const std::uint64_t subject = dial.subject;
    if (dial.close_at > dial.next_event) {
        dial.reported = true;
        dial.next_event = dial.close_at;
        deadlines_.emplace(dial.next_event, id);
        dials_.emplace(id, std::move(dial));
    }
    report(subject, false);
}

void Prober::report(std::uint64_t subject, bool reachable) {
    const auto found = subjects_.find(subject);
    if (found == subjects_.end())
        return;
    if (reachable)
        end_probes(subject);
    const auto report = found->second->report_; // which may end the subject
    (*report)(reachable);
}

void Prober::set_timer() {
    const Time time = now();
    std::optional<Time> due;
    if (!deadlines_.empty())
        due = deadlines_.begin()->first;
    if (!waiting_.empty())
        due = std::min(due.value_or(Time::max()), pacer_.earliest(time));
    if (!due || (timer_at_ && *timer_at_ <= *due))
        return;
    timer_at_ = due;
    timer_.set(*due - time, [this] {
        timer_at_.reset();
        on_time();
    });
}

} // namespace rtspproxy::backend

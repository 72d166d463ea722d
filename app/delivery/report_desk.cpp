#include "app/delivery/report_desk.hpp"

namespace rtspproxy::delivery {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
// RFC 3550 §6.2 gives a receiver one in some seconds; feedback (RFC 4585) may come more often.
constexpr unsigned kMostInSecond = 10;

// Whether a second has begun; if so it is noted.
bool begins(std::optional<std::uint64_t>& second, std::uint64_t now) {
    if (second && now - *second < kSecond)
        return false;
    second = now;
    return true;
}

} // namespace

Reporter::Verdict Reporter::take(std::span<const std::uint8_t> packet, std::uint64_t now) {
    {
        auto state = state_.lock();
        if (begins(state->second, now))
            state->in_second = 0;
        if (state->in_second == kMostInSecond)
            return Verdict::Excess;
        ++state->in_second;
        const auto report = rtp::read_receiver_report(packet, ssrc_);
        if (!report)
            return Verdict::Malformed;
        if (report->block)
            state->latest = Latest{*report, now};
        if (!begins(state->alive, now))
            return Verdict::Taken;
    }
    alive_();
    return Verdict::Taken;
}

ReportDesk::Place::Place(std::shared_ptr<ReportDesk> desk, const std::vector<Source>& sources,
                         std::shared_ptr<Reporter> reporter)
    : desk_(std::move(desk)), reporter_(std::move(reporter)) {
    auto reporters = desk_->reporters_.lock();
    for (const Source& source : sources)
        entries_.push_back(reporters->emplace(source, reporter_));
}

ReportDesk::Place::~Place() {
    auto reporters = desk_->reporters_.lock();
    for (const auto entry : entries_)
        reporters->erase(entry);
}

std::shared_ptr<Reporter> ReportDesk::find(const Source& source) {
    auto reporters = reporters_.lock();
    const auto end = reporters->upper_bound(source);
    if (end == reporters->begin() || std::prev(end)->first != source)
        return nullptr;
    return std::prev(end)->second;
}

void ReportDesk::take(const Source& source, std::span<const std::uint8_t> packet,
                      std::uint64_t now) {
    const auto reporter = find(source);
    if (!reporter)
        return refuse_foreign();
    const auto count = [](std::atomic<std::uint64_t>& counter) {
        counter.fetch_add(1, std::memory_order_relaxed);
    };
    switch (reporter->take(packet, now)) {
    case Reporter::Verdict::Taken:
        return count(counters_.taken);
    case Reporter::Verdict::Malformed:
        return count(counters_.malformed);
    case Reporter::Verdict::Excess:
        return count(counters_.excess);
    }
}

} // namespace rtspproxy::delivery

#include "app/settings/delivery_options.hpp"

#include "app/settings/option_group.hpp"
#include "app/settings/option_values.hpp"

namespace rtspproxy::settings {
namespace {

constexpr auto kMaxGopBytesOption = "--max-gop-bytes";
constexpr auto kMaxQueueBytesOption = "--max-queue-bytes";
constexpr auto kStuckTimeoutOption = "--stuck-timeout";

} // namespace

void DeliveryOptions::add_to(CLI::App& app) {
    app.option_defaults()->group("Clients");
    const DeliverySettings defaults;
    add_switch(app, "--no-fast-start", no_fast_start_,
               "Clients that join begin with what comes next, not with the last key frame. A "
               "client can ask for it by itself with ?faststart=0 behind the URL.");
    add_value(app, kMaxGopBytesOption, max_gop_bytes_, "N",
              "From key frame to key frame, so much is kept of each track for clients that join, " +
                  describe_count(kMaxGopBytes, "bytes", defaults.max_gop_bytes) +
                  " A longer group of pictures is not kept.");
    add_value(app, kMaxQueueBytesOption, max_queue_bytes_, "N",
              "So much waits for a client over TCP that reads too slowly, " +
                  describe_count(kMaxQueueBytes, "bytes", defaults.max_queue_bytes) +
                  " More makes it lose what waits, down to the next key frame.");
    add_value(app, kStuckTimeoutOption, stuck_timeout_, "S",
              "A client over TCP that reads nothing for this long, though something waits for it, "
              "is disconnected, " +
                  describe_seconds(kStuckTimeout, defaults.stuck_timeout));
}

Result<void> DeliveryOptions::apply(Settings& settings) const {
    if (no_fast_start_) {
        settings.defaults.fast_start = false;
        for (BackendSettings& backend : settings.backends)
            backend.fast_start = false;
    }
    DeliverySettings& delivery = settings.delivery;
    return read_count(kMaxGopBytesOption, max_gop_bytes_, kMaxGopBytes, delivery.max_gop_bytes)
        .and_then([&] {
            return read_count(kMaxQueueBytesOption, max_queue_bytes_, kMaxQueueBytes,
                              delivery.max_queue_bytes);
        })
        .and_then([&] {
            return read_seconds(kStuckTimeoutOption, stuck_timeout_, kStuckTimeout,
                                delivery.stuck_timeout);
        });
}

} // namespace rtspproxy::settings

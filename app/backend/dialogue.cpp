#include "app/backend/dialogue.hpp"

#include "app/backend/exchange/answer_form.hpp"
#include "app/backend/exchange/other_url.hpp"
#include "app/backend/exchange/shy_of_options.hpp"
#include "app/backend/message_log.hpp"
#include "app/backend/source_message.hpp"
#include "app/backend/tap/lane_udpsrc.hpp"
#include "app/backend/tap/tap.hpp"
#include "plugins/plugin_config.hpp"

#include <utility>

GST_DEBUG_CATEGORY_STATIC(rtspproxy_dialogue_debug);
#define GST_CAT_DEFAULT rtspproxy_dialogue_debug

namespace rtspproxy::backend {
namespace {

constexpr const char* kUserAgent = "gst-rtsp-proxy/" RTSPPROXY_VERSION;

} // namespace

Dialogue::Dialogue(Ref<GstElement> element, std::string mount, std::shared_ptr<Ledger> ledger,
                   std::shared_ptr<exchange::Memory> memory, Handlers handlers)
    : element_(std::move(element)), mount_(std::move(mount)), ledger_(std::move(ledger)),
      memory_(std::move(memory)), handlers_(std::move(handlers)) {
    static const bool initialised = [] {
        GST_DEBUG_CATEGORY_INIT(rtspproxy_dialogue_debug, "rtspproxy-dialogue", 0,
                                "What is said to back ends");
        return true;
    }();
    static_cast<void>(initialised);
    g_object_set(element_.get(), "user-agent", kUserAgent, nullptr);
    before_send_ = SignalConnection(
        element_.get(), "before-send",
        G_CALLBACK(+[](GstElement*, GstRTSPMessage* message, gpointer self) noexcept -> gboolean {
            if (message->type == GST_RTSP_MESSAGE_REQUEST)
                static_cast<Dialogue*>(self)->before_send(*message);
            return TRUE;
        }),
        this);
}

void Dialogue::prepare(const std::optional<settings::Credentials>& login, bool interleaved) {
    login_ = login;
    interleaved_.store(interleaved);
    rules_.clear();
    request_ = {};
    again_ = connected_ = false;
    plan_->forget();
    *refusals_->lock() = {};
    // rtspsrc logs in by itself only where a tunnel is opened; otherwise it needs a login to send a
    // request again at all. It never stands in the launch line, which is printed.
    g_object_set(element_.get(), "user-id", login ? login->user.c_str() : nullptr, "user-pw",
                 login ? login->password.c_str() : nullptr, nullptr);
}

exchange::Rules Dialogue::make_rules() {
    exchange::Rules rules;
    auto account =
        login_ ? std::optional(auth::Account{login_->user, login_->password}) : std::nullopt;
    const std::shared_ptr<exchange::Login::Memory> logins(memory_, &memory_->logins);
    rules.push_back(std::make_unique<exchange::ShyOfOptions>(memory_));
    rules.push_back(std::make_unique<exchange::Login>(std::move(account), logins));
    rules.push_back(std::make_unique<exchange::AnswerForm>()); // the next ones see that, too
    rules.push_back(std::make_unique<exchange::Redirect>(handlers_.on_redirect));
    rules.push_back(std::make_unique<exchange::KeepAlive>(plan_));
    rules.push_back(std::make_unique<exchange::OtherUrl>());
    rules.push_back(std::make_unique<exchange::RefusalRule>(refusals_));
    return rules;
}

std::shared_ptr<Conversation> Dialogue::make_conversation(Ref<GOutputStream> stream) {
    auto conversation = std::make_shared<Conversation>(
        std::make_unique<exchange::Exchange>(make_rules()), std::move(stream), ledger_, mount_);
    *conversation_.lock() = conversation;
    return conversation;
}

void Dialogue::before_send(GstRTSPMessage& request) {
    // The connection is this thread's newest; UDP sources will be its next.
    Tap::claim_newest(ledger_, [this](Ref<GOutputStream> stream) {
        return make_conversation(std::move(stream));
    });
    ledger_of_this_thread = ledger_;
    if (!std::exchange(connected_, true))
        handlers_.on_connected();
    const bool has_conversation = !conversation_.lock()->expired();
    // What rtspsrc sends by itself has no login, and none of it while packets come over TCP.
    g_object_set(element_.get(), "do-rtsp-keep-alive", static_cast<gboolean>(!has_conversation),
                 nullptr);
    by_rtspsrc_.store(!has_conversation);
    ResponseHook::listen_in_this_thread(has_conversation ? nullptr : this);
    if (!has_conversation)
        ask_rules(request);
    if (request.type_data.request.method == GST_RTSP_PLAY)
        tell_refused_tracks();
}

// What was set up is played.
void Dialogue::tell_refused_tracks() {
    const exchange::Refusals seen = refusals();
    for (const auto* track : seen.refused())
        handlers_.on_notice("back end refuses track " + std::to_string(track->number) + " (" +
                            track->answer + "); going on without it");
}

void Dialogue::ask_rules(GstRTSPMessage& request) {
    if (request.type_data.request.method == GST_RTSP_GET_PARAMETER)
        handover_->finish();
    if (rules_.empty())
        rules_ = make_rules();
    const unsigned times_sent = std::exchange(again_, false) ? request_.times_sent + 1 : 1;
    request_ = {message_of(request), false, times_sent, 0, {}, false};
    for (const auto& rule : rules_)
        static_cast<void>(rule->on_request(request_)); // none answers in the camera's place
    change(request, request_.message);
    MessageLog::sent(mount_, request_.message.text());
}

// rtspsrc sends a request again only if it is asked for a login. Without realm and nonce it has
// nothing to say to that by itself.
void Dialogue::on_response(GstRTSPMessage& /*request*/, GstRTSPMessage& response) {
    auto answer = message_of(response);
    MessageLog::received(mount_, answer.text());
    for (const auto& rule : rules_) {
        if (rule->on_answer(request_, answer) != exchange::Verdict::Resend)
            continue;
        again_ = answer.status == GST_RTSP_STS_UNAUTHORIZED;
        if (again_)
            answer.set("WWW-Authenticate", "Digest again=\"yes\"");
        break;
    }
    change(response, answer);
}

std::optional<std::chrono::milliseconds> Dialogue::keep_alive_interval() {
    if (!interleaved_.load() && by_rtspsrc_.load())
        return std::nullopt; // rtspsrc (1.22) does it, for no packets come over the connection
    return plan_->interval();
}

void Dialogue::keep_alive() {
    const auto conversation = conversation_.lock()->lock();
    if (!conversation) {
        if (by_rtspsrc_.load())
            keep_alive_by_rtspsrc();
        return;
    }
    auto request = plan_->request();
    request.set("User-Agent", kUserAgent);
    if (!conversation->ask(std::move(request)))
        GST_DEBUG_OBJECT(element_.get(), "the back end does not take a keep-alive");
}

void Dialogue::Handover::finish() {
    const std::lock_guard<std::mutex> lock(mutex);
    pending = false;
    taken.notify_all();
}

// Returns when rtspsrc's thread has taken the request over. Until then rtspsrc (1.22) ignores every
// other command, also the one that ends it: a stop() right behind would wait for ever.
void Dialogue::keep_alive_by_rtspsrc() {
    using SharedHandover = std::shared_ptr<Handover>;
    constexpr std::chrono::seconds kPatience{2};
    struct Unref {
        void operator()(GstPromise* promise) const { gst_promise_unref(promise); }
    };
    // The promise is answered also if nothing can be sent.
    const std::unique_ptr<GstPromise, Unref> promise(gst_promise_new_with_change_func(
        [](GstPromise*, gpointer data) { (*static_cast<SharedHandover*>(data))->finish(); },
        std::make_unique<SharedHandover>(handover_).release(),
        [](gpointer data) {
            const std::unique_ptr<SharedHandover> owned(static_cast<SharedHandover*>(data));
        }));
    std::unique_lock<std::mutex> lock(handover_->mutex);
    handover_->pending = true;
    lock.unlock();
    gboolean sent = FALSE;
    // The name is RFC 2326's own example (§10.8); whatever the answer, the session lives.
    g_signal_emit_by_name(element_.get(), "get-parameter", "packets_received", nullptr,
                          promise.get(), &sent);
    if (!sent)
        return;
    lock.lock();
    if (!handover_->taken.wait_for(lock, kPatience, [this] { return !handover_->pending; }))
        GST_WARNING_OBJECT(element_.get(), "nobody took the keep-alive over");
}

} // namespace rtspproxy::backend

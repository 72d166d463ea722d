#include "plugins/registration/request_judge.hpp"

#include "plugins/registration/url.hpp"

namespace rtspproxy::registration {

namespace {

constexpr const char* kAllowed =
    "OPTIONS, DESCRIBE, SETUP, TEARDOWN, PLAY, PAUSE, GET_PARAMETER, SET_PARAMETER";

Response respond(unsigned status, std::uint32_t cseq) {
    Response response;
    response.status = status;
    response.cseq = cseq;
    return response;
}

} // namespace

std::optional<Response> RequestJudge::refuse(const Request& request, const Peer& peer,
                                             DigestChallenge& challenge, Clock::time_point now) {
    if (!options_.lock()->enabled) {
        counters_.count(Counter::RefusedDisabled);
        Response response = respond(405, request.cseq);
        response.headers.add("Allow", kAllowed);
        return response;
    }
    if (auto refusal = refuse_login(request, peer, challenge, now))
        return refusal;
    const Result<void> checked = check_rtsp_url(request.url).and_then([&request] {
        return request.suffix ? check_suffix(*request.suffix) : Result<void>();
    });
    if (!checked) {
        counters_.count(Counter::RefusedMalformed);
        return respond(400, request.cseq);
    }
    return std::nullopt;
}

std::optional<Response> RequestJudge::refuse_login(const Request& request, const Peer& peer,
                                                   DigestChallenge& challenge,
                                                   Clock::time_point now) {
    using Verdict = DigestChallenge::Verdict;
    // Copied, so that no lock is held over the arithmetic.
    const JudgeOptions options = *options_.lock();
    if (options.accounts.empty())
        return std::nullopt;
    if (limiter_.locked_out(peer.limit_key, options.max_login_failures, now)) {
        counters_.count(Counter::RefusedLockedOut);
        return respond(403, request.cseq);
    }
    const auto password_of = [&options](std::string_view user) -> std::optional<std::string> {
        const auto found = options.accounts.find(user);
        return found == options.accounts.end() ? std::nullopt : std::optional(found->second);
    };
    const Verdict verdict = challenge.verify(options.realm, to_string(request.method), request.url,
                                             request.authorization, password_of, now);
    if (verdict == Verdict::Accepted) {
        limiter_.succeeded(peer.limit_key);
        return std::nullopt;
    }
    if (verdict == Verdict::Rejected)
        limiter_.failed(peer.limit_key, now);
    counters_.count(verdict == Verdict::Rejected ? Counter::RefusedLogin : Counter::Challenged);
    Response response = respond(401, request.cseq);
    response.headers.add("WWW-Authenticate",
                         challenge.renew(options.realm, verdict == Verdict::Stale, now));
    return response;
}

} // namespace rtspproxy::registration

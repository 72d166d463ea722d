// A track may be known by another URL than the one that rtspsrc asks for: the control of its m=
// section may be meant as a link, relative to the base URL, or to be appended to that. A camera
// that refuses the one is asked for the other, with whatever status it does so.
#pragma once

#include "app/backend/exchange/rule.hpp"

#include <set>
#include <string>
#include <vector>

namespace rtspproxy::backend::exchange {

class OtherUrl final : public Rule {
  public:
    [[nodiscard]] std::optional<Message> on_request(Request& request) override;
    [[nodiscard]] Verdict on_answer(Request& request, Message& answer) override;

  private:
    void learn(const Message& request, const Message& answer);
    [[nodiscard]] std::string other_for(const std::string& url) const;

    std::string base_;
    std::vector<std::string> controls_; // relative ones
    std::set<std::string> tried_;       // for the SETUP that is under way
};

} // namespace rtspproxy::backend::exchange

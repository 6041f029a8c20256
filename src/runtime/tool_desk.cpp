// Carries tool calls out.
#include "runtime/tool_desk.hpp"

#include <utility>

namespace conclave::runtime {

namespace {

using messaging::failed_tool;
using messaging::tool_outcome;

error handler_threw() {
    return fail(errc::tool_failed, "the handler of the tool threw an exception");
}

result<tool_answer> run_handler(const new_tool& tool, const tool_call& call) {
    try {
        return tool.handler(call);
    } catch (...) {
        return handler_threw();
    }
}

tool_outcome outcome_of(result<tool_answer> answer) {
    if (!answer) return failed_tool(answer.error().message);
    return {std::move(answer->content), false, std::move(answer->sources)};
}

tool_outcome cut_off() {
    auto o = failed_tool("the call was cut off");
    o.cut = true;
    return o;
}

/// The host's end of a call.
class tool_line final : public tool_call_handle::line {
   public:
    explicit tool_line(std::shared_ptr<host_call<tool_answer>> call) : call_(std::move(call)) {}
    ~tool_line() override {
        call_->reply(fail(errc::tool_failed, "the handler let go of the call unanswered"));
    }

    void reply(result<tool_answer> answer) override { call_->reply(std::move(answer)); }
    std::shared_ptr<void> caller() const override { return call_->caller(); }
    void on_cancel(completion<void> stop) override { call_->on_cancel(std::move(stop)); }

   private:
    std::shared_ptr<host_call<tool_answer>> call_;
};

}  // namespace

tool_desk::~tool_desk() {
    for (const auto& [id, r] : runs_) r.call->close();
}

void tool_desk::add(std::shared_ptr<const new_tool> tool) { tools_[tool->name] = std::move(tool); }

tool_desk::run_id tool_desk::run(messaging::tool_run run, std::shared_ptr<void> caller,
                                 completion<tool_outcome> done) {
    const auto id = ++last_run_;
    auto& r = runs_[id];
    r.done = std::move(done);
    r.call = std::make_shared<host>(
        seams_.executor, std::move(caller),
        [this, id](result<tool_answer> answer) { end(id, outcome_of(std::move(answer))); });
    r.began = seams_.clock.elapsed();
    const auto at = r.began + std::chrono::milliseconds(run.timeout_ms);
    r.timer = seams_.executor.run_at(
        at, [this, id] { end(id, failed_tool("the tool did not answer in time")); });
    const auto found = tools_.find(run.call.name);
    if (found == tools_.end()) {
        r.call->reply(fail(errc::tool_failed, "there is no tool of this name"));
        return id;
    }
    if (found->second->async_handler) {
        ask(*found->second, run.call, r.call);
        return id;
    }
    seams_.handlers.run([call = r.call, tool = found->second, asked = std::move(run.call)] {
        call->reply(run_handler(*tool, asked));
    });
    return id;
}

void tool_desk::ask(const new_tool& tool, const tool_call& call, const std::shared_ptr<host>& h) {
    // Kept until the catch: a handle that goes before it would tell another reason.
    const tool_call_handle handle(std::make_shared<tool_line>(h));
    try {
        tool.async_handler(call, handle);
    } catch (...) {
        h->reply(handler_threw());
    }
}

void tool_desk::cancel(run_id id) {
    if (!runs_.contains(id)) return;
    seams_.executor.post([this, id] { end(id, cut_off()); });
}

void tool_desk::end(run_id id, tool_outcome outcome) {
    auto found = runs_.extract(id);
    if (!found) return;
    auto& r = found.mapped();
    seams_.executor.cancel(r.timer);
    r.call->close();
    outcome.duration_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(seams_.clock.elapsed() - r.began)
            .count();
    r.done(std::move(outcome));
}

}  // namespace conclave::runtime

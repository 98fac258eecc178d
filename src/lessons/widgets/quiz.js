import { element, uniqueId, widgetFrame, radioControl, follow, put, recall, remember } from "./shared.js";

/**
 * A self-check (each choice explains itself) or a prediction (nothing is revealed; the answer is
 * kept on the learner's machine and shown again when the page is opened later).
 */
function render({ model, el }) {
  const { body, say } = widgetFrame({ model, el, kind: "quiz" });
  const item = model.get("item");
  const prediction = item.kind === "predict";
  const key = `${prediction ? "prediction" : "check"}:${item.id}`;
  if (model.get("answer") < 0) {
    const kept = recall(key);
    if (kept && Number.isInteger(kept.answer) && kept.answer < item.choices.length) model.set("answer", kept.answer);
  }

  const radio = radioControl({ legend: item.question, options: item.choices.map((choice) => choice.text), value: model.get("answer"), onpick: (index) => put(model, "answer", index) });
  const feedbackId = uniqueId("feedback");
  const feedback = element("p", { class: "aras-feedback", id: feedbackId });
  radio.inputs.forEach((input) => input.setAttribute("aria-describedby", feedbackId));
  body.append(radio.node, feedback);

  const paint = () => {
    const answer = model.get("answer");
    radio.set(answer);
    feedback.className = "aras-feedback";
    if (answer < 0) {
      feedback.textContent = "";
      say("");
      return;
    }
    remember(key, { answer, at: recall(key)?.at ?? new Date().toISOString() });
    if (prediction) {
      say("Kept on this machine. You can change it until you read on; the lesson will come back to it.");
      return;
    }
    const choice = item.choices[answer];
    feedback.classList.add(choice.right ? "aras-right" : "aras-other");
    feedback.textContent = choice.feedback;
    say(choice.right ? "That holds." : "Look again.");
  };
  return follow(model, ["answer"], paint);
}

export default { render };

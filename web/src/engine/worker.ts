import type { Answer, Request } from "./messages.ts";
import { Service } from "./service.ts";

// The types of a worker's scope are in another library of TypeScript than those of a page.
const scope = self as unknown as {
  onmessage: (event: MessageEvent<Request>) => void;
  postMessage: (answer: Answer, transfer: ArrayBufferLike[]) => void;
};

function send(answer: Answer): void {
  scope.postMessage(answer, answer.kind === "error" ? [] : [answer.bytes.buffer]);
}

const service = new Service((bytes) => { send({ kind: "output", bytes }); });
scope.onmessage = (event) => {
  service.answer(event.data).then(send).catch((error: unknown) => {
    send({ kind: "error", message: `The answer cannot be sent: ${String(error)}` });
  });
};

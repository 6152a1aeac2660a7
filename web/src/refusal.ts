/** Something asked for was not done. `code` is a word of the server's list; the sentence for it is in words/…/refusals.ts. */
export class Refusal extends Error {
  constructor(
    readonly code: string,
    readonly detail: unknown = null,
  ) {
    super(code)
  }
}

export type Answer = { ok: true; result: unknown } | { ok: false; error: { code: string; detail?: unknown } }

/** The result of an answer, or its refusal thrown. */
export function resultOf<R>(answer: Answer): R {
  if (answer.ok) return answer.result as R
  throw new Refusal(answer.error.code, answer.error.detail ?? null)
}

/** Something did not work: a stable code in kebab case, and what a person has to be told with it. Holds no secret. */
export class Failure extends Error {
  constructor(code, detail = {}) {
    super(code);
    this.code = code;
    this.detail = detail;
  }
}

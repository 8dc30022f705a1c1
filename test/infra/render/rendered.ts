/** One resource as the program asked for it. */
export interface Resource {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly parent: string;
  readonly protect: boolean;
  readonly retain: boolean;
  /** Names of the resources that are made before it, since it was given something of theirs. */
  readonly after: readonly string[];
}

export interface Rendered {
  readonly resources: readonly Resource[];
  /** Whatever went wrong on the way; SST swallows some rejections. */
  readonly problems: readonly string[];
}

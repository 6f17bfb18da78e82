/** A person does not want to be told privately, nor mentioned as an author. `app` null: of all apps; `until` null: until they say so. */
export type Mute = { readonly app: string | null; readonly until: Date | null; readonly since: Date };

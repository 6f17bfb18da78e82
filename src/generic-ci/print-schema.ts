import { ciSchemaText } from "./body.ts";

process.stdout.write(ciSchemaText());

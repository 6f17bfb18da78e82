import { schemaText } from "./greenlight-yml.ts";

process.stdout.write(schemaText());

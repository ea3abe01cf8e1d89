import './claims.ts';
import './datanets.ts';
import './governance.ts';
import './money.ts';
import './relayers.ts';
